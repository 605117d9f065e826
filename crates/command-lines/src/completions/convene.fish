# Completes `convene`: the program itself knows its commands, conferences, rooms and people.
complete --command convene --no-files --arguments '(convene __complete -- (commandline -opc)[2..-1] (string join -- "" = (commandline -ct)) 2>/dev/null)'
