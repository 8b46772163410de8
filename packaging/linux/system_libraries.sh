#!/bin/sh
# Makes sure that the libraries which Qt loads are there; installs them where that is allowed.
#   system_libraries.sh run|test
# Says in one sentence what to install where it may not.
[ "$(uname -s)" = Linux ] || exit 0

needed="libEGL.so.1 libGL.so.1 libxkbcommon.so.0 libfontconfig.so.1 libdbus-1.so.3"
packages="libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
if [ "$1" = test ] || [ -n "$DISPLAY" ]; then
    needed="$needed libxkbcommon-x11.so.0 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-keysyms.so.1 libxcb-shape.so.0 libxcb-image.so.0 libxcb-render-util.so.0"
    packages="$packages libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 libxcb-render-util0 fonts-dejavu-core"
fi
known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)
missing=""
for library in $needed; do
    case "$known" in *"$library"*) ;; *) missing="$missing $library" ;; esac
done
if [ "$1" = test ]; then
    for program in xvfb-run xdotool xclip; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    packages="$packages xvfb xauth xdotool xclip"
fi
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # An update that fails for one source may have brought what is needed from the others.
    { apt-get -qq update; apt-get -qq install -y --no-install-recommends $packages; } \
        >/dev/null 2>&1 && exit 0
fi
if command -v apt-get >/dev/null; then
    echo "Qt needs system libraries that are missing (${missing# }): sudo apt-get install $packages" >&2
else
    echo "Qt needs system libraries that are missing: install${missing} with your package manager." >&2
fi
exit 2
