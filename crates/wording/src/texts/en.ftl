# Every key stands in both files; a test compares them.

attempt = { $target }: { $code }, { $stage } ({ $word }). { $remedy }
inspected = TLS is inspected on the way, by: { $name }
seen = It calls itself: { $name }.
seen-key = Its key (SHA-256): { $key }.
seen-page = Its page: { $page }
held = If a window of this machine's own firewall asks, answer Yes.

stage-dns = looking up the name
stage-tcp = opening the connection
stage-proxy = at the proxy
stage-tls = in the TLS handshake
stage-http = in the HTTP exchange
stage-hello = waiting for the server's hello

code-name_not_found = the name does not exist
code-dns_timed_out = no name server answered
code-dns_failed = the name could not be looked up
code-refused = the connection was refused
code-timed_out = nothing answered
code-unreachable = there is no way to it
code-forbidden = a firewall forbids it, or a router does not find it
code-reset = the connection was reset
code-closed = the connection was closed without a word
code-local_error = this machine has no network, or no free socket
code-address_not_allowed = the join link leads to this machine or its own network, and the configuration does not name that server
code-proxy_login_needed = the proxy wants a login
code-proxy_login_rejected = the proxy rejected the login
code-proxy_scheme_unsupported = the proxy offers no login that is supported
code-proxy_forbidden = the proxy does not let it through
code-proxy_target_unreachable = the proxy could not reach the server
code-socks_failed = the SOCKS proxy failed and does not say why
code-socks_forbidden = the rules of the SOCKS proxy forbid it
code-socks_network_unreachable = the SOCKS proxy has no way to the server's network
code-socks_host_unreachable = the SOCKS proxy has no way to the server
code-socks_target_refused = the server refused the connection of the SOCKS proxy
code-socks_ttl_expired = the packets of the SOCKS proxy did not live long enough
code-socks_command_unsupported = the SOCKS proxy opens no connections for others
code-socks_address_unsupported = the SOCKS proxy does not know this kind of address
code-pac_unreachable = the automatic proxy configuration (PAC) could not be fetched
code-pac_failed = the automatic proxy configuration (PAC) failed
code-pac_says_direct = the automatic proxy configuration (PAC) names no proxy for this server
code-proxy_broken = what answers there is no proxy
code-not_tls = what answers does not speak TLS
code-tls_failed = the TLS handshake failed
code-tls_version = what answers speaks only old versions of TLS
code-name_filtered = connections that name this server are cut off
code-clock_wrong = this machine's clock is wrong
code-captive_portal = the network's login page is in the way
code-response_held = a box on the way keeps answers back
code-certificate_untrusted = the certificate's issuer is not trusted on this machine
code-certificate_expired = the certificate has expired
code-certificate_not_yet_valid = the certificate is not valid yet
code-certificate_wrong_name = the certificate is for another name
code-fingerprint_mismatch = the server's key is not the one that the join link names
code-inspection_refused = TLS is inspected on the way, and the policy refuses that
code-block_page = a page answered instead of the server
code-http_refused = the request was refused
code-not_http = what answered is not HTTP
code-no_hello = the connection stands, but the server's hello did not come
code-not_our_server = what answered is not a Convene server
code-version_unsupported = the server and this Convene speak no common version
code-server_busy = the server asks to come back later

remedy-wait = Nothing to do: Convene goes on trying.
remedy-check_network = Check this machine's network connection.
remedy-check_server_name = Check the server's name in the join link.
remedy-allow_server = Ask the administrator to allow the conference ports or port 443 to this server.
remedy-allow_server_in_proxy = Ask the administrator to allow this server in the proxy.
remedy-set_proxy_login = Give the proxy's user and password: `convene join` asks for them at a terminal. For all users: user and password_file under [proxy] in the configuration.
remedy-check_proxy = Check the proxy's address: `convene proxy set URL` names another. For all users: url under [proxy] in the configuration.
remedy-check_clock = Check this machine's date and time.
remedy-add_inspection_certificate = If your network inspects TLS, ask the administrator to trust its certificate (ca_file in the configuration); otherwise ask the organizer.
remedy-ask_for_new_link = Ask the organizer for a new join link.
remedy-update_program = The server is of a later version: update Convene as it was installed, or ask this machine's administrator to.
remedy-update_server = The server is of an earlier version, and has to be updated by whoever runs it: ask the organizer. On this machine there is nothing to do.
remedy-log_in_to_network = Open a browser and log in to the network.
remedy-set_proxy = Name a proxy by hand: `convene proxy set URL`. For all users: url under [proxy] in the configuration.
remedy-check_pac = Ask the administrator about the automatic proxy configuration (PAC).

word-connected = connected
word-connecting = connecting
word-blocked = blocked: the network lets nothing through to the server; Convene goes on trying
word-offline = offline: this machine has no network
word-joined = joined
word-not_here_now = not here now: the server does not have the conference at the moment; Convene goes on trying
word-not_all_here = what follows is not here yet: it is being fetched from the server; try again later, or wait longer with --wait
word-joining = not joined yet; Convene goes on trying
word-left = left
word-forgotten = forgotten
word-refused = refused
word-accepted = accepted
word-queued = queued: it is safe and will be decided
word-contact = Ask:
word-no_seats = no conferences yet; join one with `convene join - --name NAME`
word-no_daemon = Start it with `convened --user`, or as a service with `systemctl start convened`; --socket names another place.
word-no_daemon_windows = Start it with `convened --user`, or as a service with `sc start convened` as an administrator; --socket names another pipe.
word-command_unknown = the command is not known here
word-conference_ended = the conference has ended
word-code_unknown = no conference belongs to this join link; ask the organizer for a new one
word-conference_unknown = you have no seat in this conference; `convene list` shows those you have
word-proof_invalid = the seat's proof does not hold; join again with the join link
word-seat_unknown = the server does not know this seat; join again with the join link
word-name_taken = another participant has this name; choose another with --name
word-conference_full = the conference is full
word-conference_damaged = the server cannot read this conference; ask whoever runs the server to look at its log
word-conference_deleted = the conference was deleted on the server; what you have of it stays readable
word-not_participant = only participants may do this
word-not_organizer = only organizers may do this
word-room_unknown = there is no such room
word-room_closed = you may not speak there
word-text_empty = the message is empty
word-text_too_long = the message is too long: at most 4,000 characters
word-text_control = the message holds control characters
word-command_invalid = the command lacks a field, or one has another form
word-conference_of_later_version = this conference needs a newer server; whoever runs the server has to update it
word-other_log = the server shows another log of this conference, as after a backup that was restored elsewhere; Convene goes on asking for the one that you know, and `convene join - --name NAME --log LOG` turns to the other one
word-key_replaced = this device's key was replaced; ask the organizer for a personal join link
word-removed = you were removed from this conference
word-log_changed = a backup of the server was restored after you wrote this, so it may mean something else now; look again, and send it anew
word-entry_too_large = that would make too much happen at once; divide it
word-conference_ambiguous = two servers have a conference of this name; write CONFERENCE@SERVER
word-log_unknown = the server does not show this log
word-lost = lost: a backup of the server was restored that does not hold it; send it again if it still counts
word-reset = a backup of the server was restored: what was shown after this number is gone, and this follows in its place
word-id_reused = the command id was used for another command; choose another --id
word-other = refused for a reason of a later version; update Convene
word-parse_error = the daemon could not read the request
word-invalid_request = the daemon does not take such a request
word-method_not_found = the daemon does not know this; update it
word-invalid_params = the daemon does not take these parameters
word-link_malformed = this is no join link; copy it whole, it begins with https:// and holds /j/
word-name_invalid = this is no name to take part under
word-outbox_full = too many messages wait for the server; wait until it is reached
word-command_too_large = the command is too large
word-storage_failed = the daemon cannot store anything: its disk is full or fails; nothing was accepted
word-storage_full = the disk is full: Convene can store nothing, so it takes and receives nothing; make room where its state directory is, and it goes on by itself
word-storage_broken = the disk fails: Convene can store nothing, so it takes and receives nothing; the service's log says why, and once the disk works it goes on by itself
word-unsure = whether it is stored is not known, because the daemon's disk failed; the same may be sent again
word-still_joined = you take part in this conference; leave it first, with `convene leave`
word-too_many_frontends = too many programs of yours are attached; close some
word-frontend_too_slow = the daemon cut this program because it did not keep up
word-too_many_seats = you take part in 64 conferences on this server, or keep 256 others in which something waits; leave or forget some, see `convene list`
word-not_privileged = only administrators may do that; this works for them:
word-state_directory = State directory:
word-socket = Socket:
word-configuration = Configuration:
word-formats = Forms (store, protocol, API):
word-frontends = Attached frontends:
word-users = Users:
word-seats = Seats:
word-waiting = Commands that wait:
word-stopping = the daemon is going down; try again
word-command_malformed = the command is no JSON object with a `kind`
word-configuration_invalid = the daemon's configuration cannot be used for this server
word-proxy_malformed = this proxy cannot be used
word-fixed_by_policy = this machine's administrator has fixed this setting
word-declined = no answer was given
word-proxy_login_apart = leave the login out of the address, which everybody on this machine can read: you are asked for it where the proxy wants one
word-proxy_set = set; it is tried at once
word-proxy_forgotten = forgotten; the proxies that are found count
word-proxy_not_used = kept, but not used: the configuration of this machine alone decides about proxies
word-proxy_works = works
word-no_proxies = no proxy is known for the servers of your conferences; `convene proxy set` names one
word-login_wanted = this proxy wants a login (leave the user empty to give none)
word-login_again = the proxy rejected the login or cannot take it; it is asked for once more (leave the user empty to give none)
word-login_user = User:
word-login_password = Password (it is not shown):

# A part of the letter, and of the page for administrators.
request =
    It needs one of these, best first; all connections go out, are TLS from the first byte, and are opened by the service "convened":

    - TCP to { $server }, ports { $ports }
    - TCP to { $server }, port { $https } (TLS, then HTTP/1.1, with WebSocket where it is let through)
    - a proxy that allows CONNECT to { $server }:{ $https }

    Where TLS is inspected, please leave out { $server }, or give the inspecting certificate to the machine's trust store.

letter-update_program =
    Dear administrator,

    the conference program Convene on this machine reaches its server { $server }, but the two speak no common version: the server is of a later one.
    Please update Convene on this machine, and restart the service "convened" after that. In the network there is nothing to do.

    This was seen:

letter-update_server =
    Dear administrator,

    the conference program Convene on this machine reaches its server { $server }, but the two speak no common version: the server is of an earlier one.
    The server has to be updated by whoever runs it: please pass this letter on. On this machine and in the network there is nothing to do.

    This was seen:

letter =
    Dear administrator,

    the conference program Convene cannot reach its server from this network.
    { request }
    This was seen:
