# What has to be there before the service starts, the package holds, and without configuration it starts too.
prepare() { :; }
tell_name() { :; }
