. /usr/share/debconf/confmodule

# What stands in the file is what holds; who is asked is shown that.
name=$(sed -n 's/^[[:space:]]*name[[:space:]]*=[[:space:]]*"\([^"]*\)".*/\1/p' "$configuration" 2>/dev/null | head -n 1)
[ -z "$name" ] || db_set convene-server/name "$name"

db_input high convene-server/name || true
db_go || true
