# Writes the name into the configuration, unless that has it already.
take_answers() {
    db_get convene-server/name || RET=
    line="name = \"$(toml_text "$RET")\""
    if [ -n "$RET" ] && ! grep -qxF "$line" "$configuration" && usable convene-server/name "$line"; then
        set_name "$line"
    fi
}
