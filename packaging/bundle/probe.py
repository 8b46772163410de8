"""TokenSim's bundle with another beginning: runs a script in it, for the bundle test alone.

``probe --run SCRIPT ARGUMENTS``; to its tests it is Python, which knows ``-c CODE ARGUMENTS`` and
``-m tokensim_gui ARGUMENTS``; to TokenSim it is TokenSim, as child processes need it. It is made
of the same modules as ``TokenSim`` and lies beside the bundle, not in it.
"""

import runpy
import sys

kind = sys.argv[1:2]
if kind == ["--run"]:
    sys.argv[:] = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
elif kind == ["-c"]:
    code = sys.argv[2]
    sys.argv[:] = ["-c", *sys.argv[3:]]
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
else:
    if kind == ["-m"]:
        sys.argv[1:3] = []
    from tokensim_gui.__main__ import main

    sys.exit(main())
