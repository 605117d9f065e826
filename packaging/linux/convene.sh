# What has to be there before the service starts, the package holds.
prepare() { :; }

tell() { tell_configuration; }
