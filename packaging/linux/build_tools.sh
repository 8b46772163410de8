#!/bin/sh
# Makes sure that the programs are there which build and check Linux packages.
[ "$(uname -s)" = Linux ] || exit 0
missing=""
for program in dpkg-deb objdump strip zstd lintian desktop-file-validate appstreamcli update-mime-database debootstrap makensis xvfb-run xdotool xclip; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
for library in libwayland-cursor.so.0 libwayland-egl.so.1; do  # what dpkg says of them is read
    PATH="$PATH:/sbin" ldconfig -p | grep -q "$library" || missing="$missing $library"
done
[ -z "$missing" ] && exit 0

packages="libwayland-cursor0 libwayland-egl1 binutils zstd lintian desktop-file-utils appstream shared-mime-info debootstrap nsis xvfb xauth xdotool xclip"
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends $packages; } \
        >/dev/null 2>&1 && exit 0
fi
echo "To build packages, these programs are missing (${missing# }): sudo apt-get install $packages" >&2
exit 2
