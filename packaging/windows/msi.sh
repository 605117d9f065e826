#!/bin/bash
# msi.sh: makes the installer OUT of the folder PROGRAMS, with wixl 0.106 or later. `cargo xtask
# package msi` sets the variables.
set -euo pipefail
cd "$(dirname "$0")"
# Whatever wixl does not know it leaves out with a warning and ends well, so that a word of it is an
# error.
said=$(FAKETIME_FMT=%s TZ=UTC faketime -f "$SOURCE_DATE_EPOCH" wixl --arch x64 --define "Version=$VERSION" --define "Language=$LANGUAGE" \
    --define "ProductCode=$PRODUCT_CODE" --define "Programs=$PROGRAMS" --output "$OUT" convene.wxs 2>&1) ||
    said=${said:-wixl failed without a word}
if [ -n "$said" ]; then echo "$said" >&2; exit 1; fi
# What wixl cannot say: the code page of the texts, the language and the code of the package, which
# properties an administrator's command line may hand to the installer's service, and the entry in
# PATH (wixl gives it a random key and never takes it away). The service is registered before values
# are written, or registering it would take back that it starts late.
msibuild "$OUT" -i codepage.idt -q \
    "UPDATE \`Property\` SET \`Value\`='OLDER;NEWER;SERVER;CA_FILE;PROXY;PAC;POLICY;REMOVE_STATE' WHERE \`Property\`='SecureCustomProperties'" \
    "INSERT INTO \`Environment\` (\`Environment\`, \`Name\`, \`Value\`, \`Component_\`) VALUES ('Path', '=-*PATH', '[~];[INSTALLDIR]', 'CommandLine')" \
    "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Sequence\`) VALUES ('RemoveEnvironmentStrings', 3300)" \
    "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Sequence\`) VALUES ('WriteEnvironmentStrings', 5200)" \
    "UPDATE \`InstallExecuteSequence\` SET \`Sequence\`=4900 WHERE \`Action\`='InstallServices'"
# Alone, because msibuild passes over the option behind it.
msibuild "$OUT" -s "Convene $VERSION" Convene "x64;$LANGUAGE" "$PACKAGE_CODE"
chmod 644 "$OUT"
