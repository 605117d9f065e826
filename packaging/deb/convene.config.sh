. /usr/share/debconf/confmodule

db_input medium convene/server || true
db_input medium convene/proxy || true
db_input low convene/policy || true
db_go || true
