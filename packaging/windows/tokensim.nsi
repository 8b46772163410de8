; Installs TokenSim for one user, without an administrator.
;   makensis -DVERSION=1.0.0 -DBUNDLE=dist\TokenSim -DICON=resources\icons\tokensim.ico
;     -DOUTPUT=dist\TokenSim-1.0.0-setup.exe tokensim.nsi
; A newer version takes the place of an older one. Uninstalling keeps settings and imported tables
; unless asked; silently (/S) it keeps them.

Unicode true
SetCompressor /SOLID lzma
SetCompressorDictSize 64
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh
!include x64.nsh
!include WinVer.nsh

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\TokenSim"
!define CLASSES "Software\Classes"
; A folder that is on every user's PATH since Windows 10.
!define SHIM "$LOCALAPPDATA\Microsoft\WindowsApps\tokensim.cmd"

Name "TokenSim"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\TokenSim"
BrandingText "TokenSim ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "TokenSim"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "TokenSim setup"
VIAddVersionKey LegalCopyright "MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\TokenSim.exe"
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipIfUpgrade
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "TokenSim needs Windows 10 or newer with 64 bits." /SD IDOK
    Abort
  ${EndIf}
  SetShellVarContext current
  ; An upgrade goes where the older version is.
  ReadRegStr $0 HKCU "${KEY}" "InstallLocation"
  ${If} $0 != ""
    StrCpy $INSTDIR $0
  ${EndIf}
FunctionEnd

; It would leave the older version behind in another folder.
Function SkipIfUpgrade
  ReadRegStr $0 HKCU "${KEY}" "InstallLocation"
  ${If} $0 != ""
    Abort
  ${EndIf}
FunctionEnd

; Only what an installation put there: $INSTDIR may be a folder with other things in it.
!macro RemoveBundle
  Delete "$INSTDIR\TokenSim.exe"
  Delete "$INSTDIR\tokensim.com"
  Delete "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\_old"
!macroend

; A program that runs can't be opened for writing.
!macro SetErrorsIfRunning PROGRAM
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${IfNot} $0 == ""
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

; Window and terminal alike. Their libraries are moved whole, or stay whole.
!macro WaitUntilClosed
  ${Do}
    RMDir /r "$INSTDIR\_old"
    ClearErrors
    !insertmacro SetErrorsIfRunning "TokenSim.exe"
    !insertmacro SetErrorsIfRunning "tokensim.com"
    ${IfNot} ${Errors}  ; which clears the flag
      ${IfNot} ${FileExists} "$INSTDIR\_internal\*.*"
        ${ExitDo}
      ${EndIf}
      Rename "$INSTDIR\_internal" "$INSTDIR\_old"
      ${IfNot} ${Errors}
        ${ExitDo}
      ${EndIf}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "TokenSim is running. Close it, then go on." \
      /SD IDCANCEL IDRETRY +2
    Abort "TokenSim is running."
  ${Loop}
!macroend

Section "TokenSim" SEC_MAIN
  SectionIn RO
  !insertmacro WaitUntilClosed
  !insertmacro RemoveBundle
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\TokenSim.lnk" "$INSTDIR\TokenSim.exe"

  WriteRegStr HKCU "${KEY}" "DisplayName" "TokenSim"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\TokenSim.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "The TokenSim maintainers"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" $0

  ; Among "Open with" of model files; what opens them by default stays as it is.
  WriteRegStr HKCU "${CLASSES}\TokenSim.Model" "" "Model weights"
  WriteRegStr HKCU "${CLASSES}\TokenSim.Model\DefaultIcon" "" "$INSTDIR\TokenSim.exe,0"
  WriteRegStr HKCU "${CLASSES}\TokenSim.Model\shell\open\command" "" '"$INSTDIR\TokenSim.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\TokenSim.exe\shell\open\command" "" \
    '"$INSTDIR\TokenSim.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\TokenSim.exe\SupportedTypes" ".safetensors" ""
  WriteRegStr HKCU "${CLASSES}\Applications\TokenSim.exe\SupportedTypes" ".gguf" ""
  WriteRegNone HKCU "${CLASSES}\.safetensors\OpenWithProgids" "TokenSim.Model"
  WriteRegNone HKCU "${CLASSES}\.gguf\OpenWithProgids" "TokenSim.Model"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Command ‘tokensim’ in terminals" SEC_COMMAND
  ClearErrors
  FileOpen $0 "${SHIM}" w
  ${IfNot} ${Errors}
    ; The command prompt reads another code page than names of users are written in here.
    ${If} $INSTDIR == "$LOCALAPPDATA\Programs\TokenSim"
      FileWrite $0 '@"%~dp0..\..\Programs\TokenSim\tokensim.com" %*$\r$\n'
    ${Else}
      FileWrite $0 '@"$INSTDIR\tokensim.com" %*$\r$\n'
    ${EndIf}
    FileClose $0
  ${EndIf}
SectionEnd

Section /o "Symbol on the desktop" SEC_DESKTOP
  CreateShortcut "$DESKTOP\TokenSim.lnk" "$INSTDIR\TokenSim.exe"
SectionEnd

Section "un.TokenSim" UNSEC_MAIN
  SectionIn RO
  SetShellVarContext current
  !insertmacro WaitUntilClosed
  !insertmacro RemoveBundle
  RMDir "$INSTDIR"
  Delete "${SHIM}"
  Delete "$SMPROGRAMS\TokenSim.lnk"
  Delete "$DESKTOP\TokenSim.lnk"
  DeleteRegKey HKCU "${KEY}"
  DeleteRegKey HKCU "${CLASSES}\TokenSim.Model"
  DeleteRegKey HKCU "${CLASSES}\Applications\TokenSim.exe"
  DeleteRegValue HKCU "${CLASSES}\.safetensors\OpenWithProgids" "TokenSim.Model"
  DeleteRegValue HKCU "${CLASSES}\.gguf\OpenWithProgids" "TokenSim.Model"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section /o "un.Settings, imported tables and logs" UNSEC_DATA
  RMDir /r "$LOCALAPPDATA\tokensim"
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SEC_MAIN} "The program, and its place among “Open with”."
  !insertmacro MUI_DESCRIPTION_TEXT ${SEC_COMMAND} "Search and import from the command prompt."
!insertmacro MUI_FUNCTION_DESCRIPTION_END
