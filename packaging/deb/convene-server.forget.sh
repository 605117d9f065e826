forget() { rm -f "$configuration"; }
