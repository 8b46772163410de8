"""TokenSim's bundle with another beginning: runs a script in it, for the bundle test alone.

``probe --run SCRIPT ARGUMENTS``; everything else is TokenSim, as child processes need it. It is
made of the same modules as ``TokenSim`` and lies beside the bundle, not in it.
"""

import runpy
import sys

if sys.argv[1:2] == ["--run"]:
    sys.argv[:] = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    from tokensim_gui.__main__ import main

    sys.exit(main())
