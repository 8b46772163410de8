#!/bin/sh
# Makes sure that the programs are there which build Linux packages, or which check and try them.
#   build_tools.sh build|test
[ "$(uname -s)" = Linux ] || exit 0
if [ "$1" = test ]; then
    programs="lintian desktop-file-validate appstreamcli update-mime-database debootstrap makensis"
    packages="lintian desktop-file-utils appstream shared-mime-info debootstrap nsis"
    libraries=""
else
    programs="ar dpkg-deb objdump strip xz zstd"
    packages="libwayland-cursor0 libwayland-egl1 binutils xz-utils zstd"
    libraries="libwayland-cursor.so.0 libwayland-egl.so.1"  # what dpkg says of them is read
fi
missing=""
for program in $programs; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
for library in $libraries; do
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$library" || missing="$missing $library"
done
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # An update that fails for one source may have brought what is needed from the others.
    { apt-get -qq update; apt-get -qq install -y --no-install-recommends $packages; } \
        >/dev/null 2>&1 && exit 0
fi
echo "To $1 packages, these programs are missing (${missing# }): sudo apt-get install $packages" >&2
exit 2
