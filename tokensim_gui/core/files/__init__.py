"""Files on disk: atomic writing, safetensors, number formats, tables."""
