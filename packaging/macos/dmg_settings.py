"""Settings for dmgbuild: ``TOKENSIM_APP=… dmgbuild -s dmg_settings.py TokenSim OUT.dmg``."""

import os.path

application = os.environ["TOKENSIM_APP"]
name = os.path.basename(application)

format = "ULMO"  # lzma; macOS 10.15 reads it
files = [application]
symlinks = {"Applications": "/Applications"}
icon = os.path.join(application, "Contents", "Resources", "tokensim.icns")
icon_locations = {name: (150, 160), "Applications": (450, 160)}
window_rect = ((200, 200), (600, 360))
default_view = "icon-view"
icon_size = 112
