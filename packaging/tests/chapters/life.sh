# What an installed system does from its second boot to its end.
. /tests/checks.sh
for part in conference service sandbox networks purge; do
    . "/tests/chapters/$part.sh"
done
echo 'the end' >>"$report"
