# Every key stands in both files and is used: `cargo xtask tidy` compares them.

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
code-pac_not_run = this machine does not let the automatic proxy configuration (PAC) be run
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
code-certificate_weak = the key or the signature of the certificate is too weak
code-certificate_wrong_purpose = the certificate is not one for servers
code-authority_expired = the certificate of the issuing authority, as this machine has it, has expired
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
remedy-ask_operator = Ask the organizer: those who run the server have to look after it. On this machine and in the network there is nothing to do.
remedy-log_in_to_network = Open a browser and log in to the network.
remedy-set_proxy = Name a proxy by hand: `convene proxy set URL`. For all users: url under [proxy] in the configuration.
remedy-check_pac = Ask the administrator about the automatic proxy configuration (PAC).

# Why the server is not reached, and whose turn it is.
unreached-wait = Convene waits for the server, and goes on by itself.
unreached-check_network = This machine's network does not work as it should. You can look after that: cable, Wi-Fi, VPN.
unreached-check_server_name = The server's name is not found, or another server answers under it. Ask those who sent the join link whether the name in it is right.
unreached-allow_server = The network lets nothing through to the server. The administrator of your network can change that.
unreached-allow_server_in_proxy = The proxy of this network does not let the server through. The administrator of your network can change that.
unreached-set_proxy_login = The proxy of this network wants a login that works. You can give it.
unreached-check_proxy = The proxy that is named does not answer as one, and no other way leads to the server. The administrator of this machine can look after that.
unreached-check_clock = A certificate is out of its time. Check this machine's date and time first; where they are right, those who run the server have to look.
unreached-add_inspection_certificate = A certificate answers that this machine does not trust. If your network inspects TLS, its administrator can have this machine trust it; otherwise the certificate of the server is in order for nobody, and those who run it have to look.
unreached-ask_for_new_link = The join link does not lead to the server that answers: it may be an old one, or something answers in the server's place. Ask those who sent it for a new one.
unreached-update_program = The server is of a later version. Convene on this machine has to be updated.
unreached-update_server = The server is of an earlier version. Those who run it have to update it.
unreached-log_in_to_network = The network wants you to log in first, in a browser.
unreached-set_proxy = The network names no proxy for the server, and straight ways do not lead there. The administrator of your network knows the proxy.
unreached-check_pac = The network's automatic proxy configuration cannot be used, and no other way leads to the server. The administrator of your network can look after that.
unreached-ask_operator = The server does not answer as it should. The network is not to blame: those who run the server have to look. The people who invited you know who that is.
unreached-letter = `convene check --letter` writes what the administrator has to know.

word-connected = connected
word-connecting = connecting
word-blocked = blocked: no way leads to the server; Convene goes on trying
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
word-no_seats = no conferences yet; join one with `convene join`
word-no_daemon = Start it with `convened --user`, or as a service with `systemctl start convened`; --socket names another place.
word-no_daemon_windows = Start it with `convened --user`, or as a service with `sc start convened` as an administrator; --socket names another pipe.
word-command_unknown = the command is not known here
word-conference_ended = the conference has ended
word-code_unknown = no conference belongs to this join link; ask the organizer for a new one
word-conference_unknown = you have no seat in this conference; `convene list` shows those you have
word-proof_invalid = the seat's proof does not hold; join again with the join link
word-seat_unknown = the server does not know this seat; join again with the join link
word-name_taken = another participant has this name, or one that reads like it; choose another one
word-conference_full = the conference is full
word-conference_damaged = the server cannot read this conference; ask whoever runs the server to look at its log
word-conference_deleted = the conference was deleted on the server; what you have of it stays readable
word-not_participant = only participants may do this
word-not_organizer = only organizers may do this
word-room_unknown = there is no such room
word-room_closed = you may not speak there
word-name_of_role = this name reads like one of a role; choose another one
word-not_open_yet = the conference is not open yet; until then people meet in the foyer
word-room_name_invalid = a room's name is one line of at most 60 characters
word-room_name_taken = another room has this name
word-too_many_rooms = the conference has as many rooms as it may; close one first
word-person_unknown = nobody else in the conference is meant by this; "convene who" shows everyone
word-too_many_tables = there are as many tables as there may be; try again later
word-table_full = no more people fit at this table
word-not_asked = you were not asked to such a table, or it is gone
word-table_ambiguous = you were asked to several tables; name the one that you mean
word-not_at_table = you sit at no table
word-no_phase = no phase runs now
word-minutes_invalid = from 1 to 1,440 minutes are possible
word-too_many_organizers = the conference has as many organizers as it may
word-last_organizer = nobody else would lead the conference; make somebody else an organizer first
word-ballot_open = another ballot is open; close it first
word-ballot_invalid = a ballot is a question of one line, and two to ten different lines to choose from
word-too_many_ballots = the conference has as many ballots as it may
word-no_ballot = there is no such ballot, or none is open
word-ballot_closed = the ballot is closed
word-option_unknown = the ballot has no such option
word-text_empty = the message is empty
word-text_too_long = the message is too long: at most 4,000 characters
word-text_control = the message holds control characters
word-command_invalid = the command lacks a field, or one has another form
word-conference_of_later_version = this conference needs a newer server; whoever runs the server has to update it
word-other_log = the server shows another log of this conference, as after a backup that was restored elsewhere; Convene goes on asking for the one that you know, and `convene join --log LOG` turns to the other one
word-seat_full = Convene keeps as much of this conference, or of all your conferences together, as it may: nothing new is taken, and what you have stays readable; let some that you need no more go with `convene forget`
word-key_replaced = this device's key was replaced; ask the organizer for a personal join link
word-removed = an organizer removed you from this conference; what you have of it stays readable
word-code_replaced = this join link was replaced by another one; ask the organizers for the new one
word-doors_locked = the organizers have locked the doors, and nobody comes in anew at the moment; ask them
word-too_many_devices = you take part on as many devices as one may
word-too_many_links = there are as many personal links in this conference as there may be
word-conference_full_of_data = the conference holds as much text as it may; everything but writing goes on
word-participant_full_of_data = you have written as much as one person may in this conference
word-log_changed = a backup of the server was restored after you wrote this, so it may mean something else now; look again, and send it anew
word-entry_too_large = that would make too much happen at once; divide it
word-conference_ambiguous = two servers have a conference of this name; write CONFERENCE@SERVER
word-log_unknown = the server does not show this log
word-lost = lost: a backup of the server was restored that does not hold it; send it again if it still counts
word-reset = a backup of the server was restored: the last that was shown holds no more, and this follows in its place
word-id_reused = the command id was used for another command; choose another --id
word-other = refused for a reason of a later version; update Convene
word-parse_error = the daemon could not read the request
word-invalid_request = the daemon does not take such a request
word-method_not_found = the daemon does not know this; update it
word-invalid_params = the daemon does not take these parameters
word-link_malformed = this is no join link; copy it whole, it begins with https:// and holds /j/
word-name_invalid = this is no name to take part under: a name is one line of at most 60 characters that can be seen
word-outbox_full = too many messages wait for the server; wait until it is reached
word-command_too_large = the command is too large
word-draft_too_large = this draft is too long, or you keep too many; shorten it, or send or discard some
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
word-starting = the daemon has just been started and is not ready yet; try again
word-stopping = the daemon is going down; try again
word-command_malformed = the command is no JSON object with a `kind`
word-configuration_invalid = the daemon's configuration cannot be used for this server
word-proxy_malformed = this proxy cannot be used; write [SCHEME://]HOST[:PORT] with http, https, socks5 or socks4a
word-fixed_by_policy = this machine's administrator has fixed this setting
word-setting_invalid = this setting cannot have that value
word-settings_changed = the settings have been changed meanwhile; look at them again
word-setting_unknown = there is no such setting; `convene settings get` shows all
word-setting_secret_apart = leave the password out of the command, which everybody on this machine can read: you are asked for it
word-setting_value_missing = say the new value, or --unset
word-setting_taken_back = taken back
word-declined = no answer was given
word-proxy_login_apart = leave the login out of the address, which everybody on this machine can read: you are asked for it where the proxy wants one
word-proxy_set = set; it is tried at once
word-proxy_forgotten = forgotten; the proxies that are found count
word-proxy_not_used = kept, but not used: the configuration of this machine alone decides about proxies
word-no_proxies = no proxy is known for the servers of your conferences; `convene proxy set` names one
word-login_wanted = this proxy wants a login (leave the user empty to give none)
word-login_again = the proxy rejected the login or cannot take it; it is asked for once more (leave the user empty to give none)
word-join_link = Join link (paste it, then press Enter):
word-join_name = Your name:
word-join_name_missing = say with --name under which name you take part
word-login_user = User:
word-login_password = Password (it is not shown):

# A part of the letter, and of the page for administrators.
request =
    It needs one of these, best first; all connections go out, are TLS from the first byte, and are opened by the service "convened":

    - TCP to { $server }, ports { $ports }
    - TCP to { $server }, port { $https } (TLS, then HTTP/1.1, with WebSocket where it is let through)
    - a proxy that allows CONNECT to { $server }:{ $https }

    Where TLS is inspected, please leave out { $server }, or give the inspecting certificate to the machine's trust store.

letter-to = To: { $contact }
letter-subject = Subject: Access to the conference server { $server }
letter-tried = This was tried from this machine, last on { $time }:
letter-line = - { $target }: { $code } ({ $stage }, { $ms } ms)
letter-machine = Machine: { $machine }
letter-version = Program: Convene { $version }
letter-end =
    Questions about the server are answered by the people who invite to the conference.

    Kind regards
letter-update_program =
    Dear administrators,

    the conference program Convene on this machine reaches its server { $server }, but the two speak no common version: the server is of a later one.

    Please update Convene on this machine, and restart the service "convened" after that. In the network there is nothing to do.

letter-add_inspection_certificate =
    Dear administrators,

    the conference program Convene on this machine wants to reach its server { $server }, port { $https } and ports { $ports }. A certificate answers there that this machine does not trust.

    If your network inspects TLS, please leave out { $server }, or add the inspecting certificate to this machine's trust store. No port has to be opened for that.
    If it does not, please tell the people who invite to the conference: then it is the server's certificate that is not in order.

letter =
    Dear administrators,

    people on this machine want to take part in a conference by the program Convene, which carries text alone. It cannot reach its server { $server } from this network.

    { request }

    Nothing has to be opened towards this machine: all connections go out, and to this server alone.
word-conference_missing = you have a seat in several conferences: name the one you mean behind the first word of the command, by its title or as `convene list` calls it
word-no_conference = you take part in no conference; join one first, see convene join --help
word-room_not_found = there is no such room or table; "convene rooms" shows which there are
word-words_missing = the command is not complete, or too much stands behind it; see --help

# The page that a join link shows in a browser. What somebody types stands between `.
invitation-window = Invitation: { $title }
invitation-kind = Invitation to a conference
invitation-languages = Language
invitation-other_language = Deutsch
invitation-begins = Begins
invitation-moment = { $day } { month } { $year }, { $time } (UTC)
invitation-begun = open already; come whenever you like
invitation-by = Invited by
invitation-over = This conference is over. Those who took part can read all of it in Convene.
invitation-machines = Convene runs on computers with Linux or Windows, not on phones, tablets and Macs: please open this link on such a computer.
invitation-take_part = Take part
invitation-open = Open in Convene
invitation-open_how = Convene asks for your name before you join. If nothing happens, Convene is not installed on this computer yet; if it is, open it in the start menu, and paste the join link there.
invitation-open_unscripted = Without JavaScript this page cannot open Convene: copy the whole link from your invitation, and paste it into Convene.
invitation-install = Install Convene
invitation-install_linux = Convene for Linux
invitation-install_windows = Convene for Windows
invitation-install_ask = Ask your IT department, or the people who invited you, how Convene gets onto this computer.
invitation-link = Join link
invitation-link_care = Anyone who has it can take part: pass it on only to people who are invited.
invitation-link_unscripted = Without JavaScript this page does not know the part of the link behind the sign #. If your link has such a part, copy all of it from your invitation.
invitation-terminal = In a terminal
invitation-terminal_how = The command asks for the link and for your name. Do not write the link behind the command: other users of this computer could read it there.
invitation-check = Check your access beforehand
invitation-check_how = Join some days before the conference begins. In Convene "Check access" then shows whether your network lets it through, and otherwise writes the letter to your IT department. In a terminal `convene check` and `convene check --letter` do that.
invitation-copy_link = Copy the link
invitation-copy_command = Copy the command
invitation-copied = Copied
invitation-unknown = This link leads to no conference
invitation-unknown_how = Perhaps it was not copied whole, or the conference was deleted. Ask the people who invited you for the link.
invitation-none = This is a conference server
invitation-none_how = To take part you need a join link. Open it in a browser, or paste it into Convene.

# Where somebody is; $count is the month.
clock-today = { $time }
clock-yesterday = yesterday { $time }
clock-tomorrow = tomorrow { $time }
clock-day = { $day } { month }, { $time }
clock-year = { $day } { month } { $year }, { $time }
month = { $count ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

setting-line = { $key } = { $value } ({ $from })
setting-own = { $key } = { $value }
setting-hidden = hides { $value } ({ $from })
setting-place = { $kind }: { $place }
setting-none = not set
setting-secret = set, and not shown
setting-from-default = default
setting-from-system = system
setting-from-file = configuration
setting-from-drop_in = drop-in
setting-from-installer = installer
setting-from-api = set by a frontend
setting-from-policy = policy

room-plenary = plenary
room-foyer = foyer
room-news = wall of news
room-organizers = organizers' back room
room-table = table { $number }
room-people = { $count ->
    [0] nobody
    [one] one person
   *[other] { $count } people
}
you = you
is-online = online
is-organizer = organizer

table-sit = { $room }: { $people }
table-asked = { $person } asks you to { $room }
table-none = nobody sits at a table

phase-opening = opening
phase-topics = topics
phase-marketplace = marketplace
phase-workshops = workshops
phase-break = break
phase-news = news
phase-summaries = summaries
phase-weighting = weighting
phase-next_steps = next steps
phase-closing = closing
phase-documentation = documentation
phase-round = { $phase } { $round } of { $rounds }
phase-planned = { $phase }: from { $begins }, { $minutes } min
phase-moved = (planned: { $planned })
phase-runs = { $phase }: since { $began }, until { $ends }, { $left } min left
phase-over = { $phase }: { $began } to { $ends }
phase-none = this conference has no phases
phase-opens = the conference opens: { $time }

list-phase = now: { $phase }, until { $ends }
list-room = you are here: { $room }
list-asked = you are asked to { $room }
list-ballot = please vote: { $question }
list-voted = you have voted: { $question }

ballot-open = open; { $count ->
    [0] nobody has voted
    [one] one has voted
   *[other] { $count } have voted
}
ballot-over = closed; { $count ->
    [0] nobody voted
    [one] one voted
   *[other] { $count } voted
}
ballot-yours = your vote
ballot-none = there was no ballot yet

access-begun = { $server }: every way is tried; the conference ports are { $ports }
access-mark-good = ✓
access-mark-warned = !
access-mark-failed = ✗
access-mark-skipped = –
access-name-good = the server's name is known: { $target }
access-name-warned = the server's name is not always known: { $target }
access-name-failed = the server's name is not known here: { $target }
access-name-skipped = the server's name was not looked up: { $target }
access-port-good = the conference port { $target } is open
access-port-warned = the conference port { $target } is open, and the quickest way to talk is blocked there
access-port-failed = the conference port { $target } is closed
access-port-skipped = the conference port { $target } was not tried
access-https-good = HTTPS to { $target } is open
access-https-warned = HTTPS to { $target } is open, and the quickest way to talk is blocked there
access-https-failed = HTTPS to { $target } is closed
access-https-skipped = HTTPS to { $target } was not tried
access-proxy-good = the proxy { $target } works (named by: { $place })
access-proxy-warned = the proxy { $target } works, but not in the best way (named by: { $place })
access-proxy-failed = the proxy { $target } does not lead to the server (named by: { $place })
access-proxy-skipped = there is no proxy to try
access-portal-good = no login page of the network is in the way
access-portal-warned = the network shows a login page, and the server is reached all the same
access-portal-failed = the network's login page is in the way
access-portal-skipped = it is not known whether the network has a login page
access-inspection-good = nobody inspects TLS on the way, as far as can be seen or may be told
access-inspection-warned = TLS is inspected on the way, by: { $name }
access-inspection-failed = TLS is inspected on the way, and so the server is not reached; by: { $name }
access-inspection-skipped = it is not known whether TLS is inspected on the way
access-clock-good = this machine's clock is right
access-clock-warned = this machine's clock is { $seconds } s { $clock ->
    [behind] slow
   *[other] fast
}
access-clock-failed = this machine's clock is wrong, and so the server is not trusted
access-clock-skipped = it is not known whether this machine's clock is right
access-version-good = Convene here and the server speak a common version
access-version-warned = Convene here and a part of the server speak no common version
access-version-failed = Convene here and the server speak no common version
access-version-skipped = it is not known whether Convene here and the server speak a common version
access-logins = It offers these ways to log in: { $logins }
access-place-user = you, by hand
access-place-file = the configuration
access-place-environment = the environment
access-place-gnome = GNOME
access-place-kde = KDE
access-place-windows = Windows
access-place-script = the automatic proxy configuration (PAC)
access-place-wpad = the network (WPAD)
access-place-winhttp = Windows, for all users
access-place-policy = your company's policy
access-unfinished = { $server }: the check is not over yet; wait longer with --wait
access-verdict-green = { $server }: green. The server is reached, and nothing is in the way.
access-verdict-yellow = { $server }: yellow. The server is reached; what is marked above may be better.
access-verdict-red = { $server }: red. The server is not reached.
access-verdict-other = { $server }: Convene here is older than its service and does not know this outcome; update it. What is said above holds all the same.
access-who-wait = Nobody has to do anything.
access-who-check_network = You can do that.
access-who-check_server_name = You can do that, or the organizer who sent the link.
access-who-allow_server = The administrator of your network can do that.
access-who-allow_server_in_proxy = The administrator of your network can do that.
access-who-set_proxy_login = You can do that, or this machine's administrator for all users.
access-who-check_proxy = You can do that, or this machine's administrator for all users.
access-who-check_clock = You can do that, or this machine's administrator.
access-who-add_inspection_certificate = This machine's administrator can do that.
access-who-ask_for_new_link = The organizer can do that.
access-who-update_program = You or this machine's administrator can do that.
access-who-update_server = Those who run the server can do that.
access-who-ask_operator = Those who run the server can do that.
access-who-log_in_to_network = You can do that.
access-who-set_proxy = You can do that, or this machine's administrator for all users.
access-who-check_pac = The administrator of your network can do that.
access-green = green
access-yellow = yellow
access-red = red
access-other = an outcome of a later version

web-opened = Convene is open in your browser.
web-address = Open this address in your browser within 30 seconds: { $url }
web-failed = The page of Convene could not be opened: { $reason }
web-no_place = no folder is yours alone; set XDG_RUNTIME_DIR or HOME
web-no_socket = where the link is an argument, --socket must not stand; with --join - it comes on standard input
web-no_page = This Convene was built without its page. Please install a package, or build the page with "cargo xtask page".

event-opened = the conference: { $title }
event-joined = { $person } takes part
event-left = { $person } leaves the conference
event-removed = { $by } removes { $person } from the conference
event-said = { $person } ({ $room }): { $text }
event-ended = the conference is over
event-renamed = { $before } is called { $person } now
event-role_changed = { $role ->
    [organizer] { $person } is an organizer now
   *[other] { $person } is no organizer any more
}
event-codes_told = as an organizer you can invite: `convene tui` and `convene web` show the join links
event-codes_replaced = there are new join links; the earlier ones let nobody in
event-link_told = you have a personal link
event-doors_locked = the doors are locked: nobody comes in anew
event-doors_opened = the doors are open again
event-filled = { $count ->
    [0] the conference has room again
    [100] the conference holds as much text as it may
   *[other] the conference holds { $count } % of the text that it may
}
event-went = { $person } goes to: { $room }
event-room_added = a new room: { $room }
event-room_closed = a room is closed: { $room }
event-asked_to_table = { $person } asks { $people } to { $room }
event-table_declined = { $person } does not come to { $room }
event-sat_down = { $person } sits down at { $room }
event-stood_up = { $person } stands up from the table
event-scheduled = the conference opens: { $time }
event-began = the conference is open
event-phase_began = begins: { $phase }, until { $time }
event-phase_ended = is over: { $phase }
event-phase_moved = has a new end: { $phase }, until { $time }
event-ballot_opened = a ballot is open: { $question }
event-voted = you vote: { $option }
event-turnout = votes so far: { $count }
event-ballot_closed = a ballot is closed: { $question } { $result }
event-access_told = the organizers know how { $person } reaches the server: { $verdict }
event-accesses_told = as an organizer you know how { $count ->
    [one] one other reaches
   *[other] { $count } others reach
} the server
event-unknown = something that this version does not know ({ $kind })

# The terminal. What it says beside this stands among the sentences of the page.
tui-no-terminal = convene-tui needs a terminal to read from and to write to. In a pipe the command "convene" serves.
tui-quit = Quit
tui-quit-unsent = Convene does not answer on this computer right now. What you have not sent yet is lost if you quit now.
tui-joining-goes-on = The server is not reached yet. Convene goes on trying, also when you quit this program.
tui-trouble-no_daemon-linux = Start it with "systemctl start convened", or ask your administrator to.
tui-trouble-no_daemon-windows = Start the service "convened" in the services of Windows, or ask your administrator to.
tui-trouble-again = It is tried again and again, and goes on by itself then.
tui-saved-as = Saved: { $path }
tui-not-saved = Not saved: { $reason }
tui-answer = F2: answer
tui-ask-hint = Names with commas between them. Tab completes them.
tui-nobody = Nobody is meant, or more than one person: { $person }
tui-not-invited = You are asked to no table.
tui-no-command = There is no such command. /help shows all.
tui-status-help = F1 help
tui-composer-keys = Enter sends, Alt+Enter breaks the line, @ names somebody, / begins a command
tui-places-keys = ↑↓ chooses, Enter goes there, Tab goes on
tui-talk-keys = ↑↓ chooses, Enter shows what can be done, PgUp/PgDn turn pages, Esc writes
tui-sheet-keys = ↑↓ chooses, Enter does it, Esc goes back, Tab to the places
tui-trouble-keys = ↑↓ chooses, Enter does it
tui-form-keys = Tab to the next field, Enter goes on, Esc goes back
tui-help = Keys (↑↓ scrolls, Esc closes)
tui-help-end = Esc closes the help.
tui-commands = Commands
tui-cap-tab = Tab
tui-cap-enter = Enter
tui-cap-line = Alt+Enter, Ctrl+J
tui-cap-answer = F2
tui-cap-choose = ↑ ↓
tui-cap-page = PgUp PgDn
tui-cap-end = End
tui-cap-back = Esc
tui-cap-mention = @
tui-cap-help = ? F1
tui-cap-suspend = Ctrl+Z
tui-cap-quit = Ctrl+C
tui-key-tab = completes what is typed, or goes on
tui-key-enter = sends, opens, confirms
tui-key-line = a new line
tui-key-answer = answers what stands above the talk
tui-key-choose = chooses
tui-key-page = turns pages of the talk
tui-key-end = goes to the end of the talk
tui-key-back = goes back
tui-key-mention = names somebody; Tab completes the name
tui-key-help = this help
tui-key-suspend = stops until the shell lets it go on
tui-key-quit = quits
tui-command-go = go to a room: /go Foyer
tui-command-table = ask to a table: /table Anna, Bob; also accept, decline, leave
tui-command-who = who takes part, and where
tui-command-vote = vote: /vote 2
tui-command-ballot = the ballot
tui-command-schedule = the schedule
tui-command-organize = invite, rooms, roles, the end
tui-command-check = check the access
tui-command-rename = change your name: /rename Anna B.
tui-command-room = add a room: /room Workshop
tui-command-conferences = all conferences
tui-command-join = join a conference
tui-command-settings = language and proxies
tui-command-language = the language: /language de or en
tui-command-mouse = switch the mouse on and off
tui-command-retry = connect anew at once
tui-command-help = keys and commands
tui-command-leave = leave the conference
tui-command-quit = quit
tui-today = today
tui-yesterday = yesterday
tui-day = { $day } { month }
tui-day-of-year = { $day } { month } { $year }

# The page in the browser. A key that ends like one without `page-` says the same without the
# command line.
page-connected = Connected
page-connecting = Connecting …
page-connecting-tried = Connecting … tried last: { $target }
page-blocked = The server is not reached. Convene goes on trying.
page-offline = Offline: this computer has no network. Convene goes on trying.
page-login-page = Offline: your network's login page is in the way.
page-clock-wrong = Not connected: this computer's clock is wrong.
page-version = Not connected: the server and Convene speak no common version.
page-disk-full = The disk is full: nothing is sent or received.
page-disk-broken = The disk fails: nothing is sent or received.
page-no-service = Convene does not answer on this computer. It is tried again.
page-unknown = The connection is being prepared …
page-way-direct = Straight: { $target }
page-way-https = By the way that web pages take: { $target }
page-way-proxy = Through the proxy { $proxy }: { $target }
page-attempt = { $code } ({ $stage }).
page-open-login-page = Open the login page
page-try-now = Try now
page-try-again = Try again
page-tried = What was tried

page-navigation = Views
page-skip-to-content = Skip to the content
page-language = Language
page-conferences = Conferences
page-conference = Conference
page-all-conferences = All conferences
page-no-conferences = You take part in no conference yet. Join one with the link from your invitation.
page-loading = One moment …
page-open = Open
page-open-of = Open { $title }
page-news = New
page-remove = Remove
page-remove-title = Remove { $title }?
page-remove-text = What you have of this conference is deleted from this computer. On the server nothing changes.
page-turn = Turn to the other log
page-turn-text = What you have of this conference so far is put aside; what waits for the server goes along. For that Convene needs the join link of this conference once more.
page-as = as { $person }
page-you-left = You have left this conference. What you have of it stays readable.
page-you-were-removed = An organizer removed you from this conference. What you have of it stays readable.
page-nearly-full = The conference holds { $count } % of the text that it may. Those who run the server can let it hold more; once it is full nobody can write any more.
page-full = The conference holds as much text as it may. Nobody can write any more; everything else goes on.
page-you-are-asked = You are asked to a table.
page-over = The conference is over.
page-ended = The conference is over. Everything stays readable.
page-opens = The conference opens: { $time }. Until then people meet in the foyer.

page-join-title = Join a conference
page-join-text = Paste the join link, or the whole mail that it stands in. You need no account.
page-join-another = Join
page-join = Join
page-join-link = Join link or invitation
page-joining = You are joining. Convene looks for a way to the server …
page-joining-goes-on = The server is not reached yet. Convene goes on trying, also when you close this page.
page-link-hint = It begins with https:// and holds /j/.
page-link-found = Link found: { $server }
page-link-empty = Paste the join link.
page-link-none = There is no link in it. A join link begins with https:// and holds /j/.
page-link-path = There is a link in it, but no join link. A join link begins with https:// and holds /j/.
page-link-length = The link is too long for a join link. Copy all of it, and nothing behind it.
page-link-scheme = A join link begins with https://, and this one does not. Ask for the right one, if it was sent like this.
page-link-host = The name of the server in the join link cannot be right. Copy the whole link once more.
page-link-port = The port in the join link, behind the name of the server, is no number from 1 to 65535. Copy the whole link once more.
page-link-code = The code in the join link, behind /j/, is not whole. Copy all of the link.
page-link-fingerprint = The fingerprint in the join link, behind fp=, is not whole. Copy all of the link.
page-link-ports = The ports in the join link, behind ports=, cannot be right. Copy all of the link.
page-link-elsewhere = This link leads to another server. Paste the one of this conference.
page-your-name = Your name in the conference
page-name = Name
page-name-hint = The others see you under this name.
page-name-empty = Give a name.
page-name-long = A name has at most 60 characters.
page-name-control = This name holds characters that cannot be seen.

page-places = Places
page-columns = Columns
page-tab-places = Places
page-tab-talk = Talk
page-tab-people = People
page-cafe = Café
page-new-table = Table
page-place-gone = a place that is gone
page-you-are-here = you are here
page-invited = invited
page-unread = { $count ->
    [one] one unread message
   *[other] { $count } unread messages
}
page-unread-somewhere = There are unread messages elsewhere
page-people-here = { $count ->
    [0] nobody there
    [one] one person there
   *[other] { $count } people there
}
page-ballot-awaits = your vote is still missing
page-schedule = Schedule
page-ballot = Ballot
page-organize = Organize
page-check = Check access
page-settings = Settings

page-talk-in = Talk: { $room }
page-talk-begins = The talk begins here.
page-talk-empty = Nothing was said here yet.
page-earlier = Earlier messages
page-earlier-loading = Earlier messages are being fetched …
page-earlier-failed = Earlier messages cannot be had right now.
page-new-messages = { $count ->
    [one] One new message
   *[other] { $count } new messages
}
page-people = { $count ->
    [one] one person
   *[other] { $count } people
}
page-announce-one = { $person }: { $text }
page-announce-many = { $messages } from { $people }
page-to-end = To the end
page-facilitator = Facilitator
page-notice-began = The conference is open. Welcome to the plenary.
page-notice-phase-began = Now begins: { $phase }, until { $time }.
page-notice-phase-ended = { $phase } is over.
page-notice-phase-moved = { $phase }: ends at { $time } now.
page-notice-room-added = A new room: { $room }.
page-notice-room-closed = A room was closed. Everybody who was there is in the plenary now.
page-notice-ballot-opened = A ballot is open: { $question }
page-notice-ballot-closed = The ballot is closed: { $question } The result stands under "Ballot".
page-to-ballot = To the ballot
page-notice-ended = The conference is over. Thank you for being here.
page-sent = sent
page-waiting = waits
page-refused = not accepted
page-lost = lost
page-lost-why = The server was set back to a backup that does not hold this.
page-unsure = unsure
page-unsure-why = This computer's disk failed. Whether this is stored is not known; sending it again doubles nothing.
page-waiting-count = { $count ->
    [one] One thing waits for the server.
   *[other] { $count } things wait for the server.
}
page-reply = Reply
page-edit = Edit
page-discard = Discard
page-send-again = Send again
page-message-to = Message to everyone here: { $room }
page-message-to-plenary = Message to everyone in the plenary
page-message-to-foyer = Message to everyone in the foyer
page-message-to-organizers = Message to the organizers
page-message-to-table = Message to everyone at this table
page-send = Send
page-composer-keys = Enter sends, Shift+Enter breaks the line, @ names somebody
page-characters-left = { $count ->
    [one] One character left
   *[other] { $count } characters left
}
page-too-long = { $count ->
    [one] One character too many
   *[other] { $count } characters too many
}
page-other-draft = In another window you wrote this meanwhile:
page-take-other = Take the other one
page-keep-mine = Keep this one

page-you-stand = You are in: { $room }
page-go-here = Go here
page-go-there = Go there
page-stand-up = Stand up
page-stand-up-and-go = Stand up from the table and go here
page-sit-down = Sit down
page-not-now = Not now
page-invitation = Invitation to a table
page-ask-more = Ask somebody to join
page-ask-title = Ask to a table
page-ask-text = Two to eight people sit at a table. Nobody else hears what is said there, and it is not documented.
page-ask = Ask
page-ask-to-table = Ask to a table
page-table-full-hint = No more people fit at a table.

page-people-title = People
page-here = Here ({ $count })
page-elsewhere = Elsewhere ({ $count })
page-offline-people = Not connected ({ $count })
page-presence-unknown = Who is connected is not known while this computer is not connected.
page-find-people = Find a name
page-nobody-found = Nobody found.
page-more-by-typing = You find more by typing a name.
page-show-more = Show more
page-is-with-you = This person is with you.
page-is-at-table = This person sits at a table. One gets there by being asked.
page-is-offline = This person is not connected right now.
page-organizer = Organizer
page-participant = Participant

page-rename = Change name
page-leave = Leave the conference
page-leave-text = You take part no more then. What you have until then stays readable on this computer; with the join link you can come back.
page-save = Save
page-saved = Saved
page-cancel = Cancel
page-close = Close
page-type-word = To confirm, type: { $word }

page-left-minutes = { $count ->
    [one] one minute left
   *[other] { $count } min left
}
page-left-seconds = { $count ->
    [0] about to end
    [one] one second left
   *[other] { $count } s left
}
page-phase-over = over
page-phase-running = runs now
page-phase-coming = to come
page-planned = planned
page-actual = actual
page-expected = expected
page-length = length
page-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
page-span = { $begins } to { $ends }
page-times-yours = All times are in your time zone.
page-move-phase = Change the phase
page-extend = +{ $count } minutes
page-shorten = −{ $count } minutes
page-skip = On to the next phase
page-move-text = "{ $phase }" ends at { $ends } then, not at { $before }. Everything behind it moves along, and everybody is told.
page-skip-text = "{ $phase }" ends now, and this begins: { $next }. Whoever is writing keeps the text. Everybody is told.
page-skip-last-text = "{ $phase }" ends now. There is no other phase. Everybody is told.

page-no-ballot-yet = There was no ballot yet.
page-no-ballot-open = No ballot is open now.
page-vote = Vote
page-choose-first = Choose an answer first.
page-vote-again = Change the vote
page-voted = Your vote: { $option }. You can change it as long as the ballot is open.
page-vote-waits = Your vote waits for the server.
page-vote-secret = The ballot is secret: nobody learns how you vote.
page-turnout = { $count ->
    [one] One of { $people } people has voted
   *[other] { $count } of { $people } people have voted
}
page-votes = { $count ->
    [one] one vote
   *[other] { $count } votes
}
page-ballot-closed = { $count ->
    [0] Closed; nobody voted
    [one] Closed; one person voted
   *[other] Closed; { $count } people voted
}
page-close-ballot = Close the ballot
page-close-ballot-text = Nobody can vote then, and everybody sees the result. It changes no more.
page-new-ballot = New ballot
page-question = Question
page-option = Answer { $number }
page-add-option = Add an answer
page-remove-option = Remove answer { $number }
page-ballot-hint = Two to ten different answers. Where a phase runs, the ballot closes with it.
page-open-ballot = Open the ballot

page-invite = Invite
page-link-participant = Link for participants
page-link-participant-hint = Send it to everybody whom you invite, in a mail for example. Opened in a browser it shows the invitation, and how to get Convene and to join.
page-link-organizer = Link for organizers
page-link-organizer-hint = Anyone who has this link leads, too. Give it to organizers alone.
page-no-links = The links are not known yet.
page-doors = Doors
page-doors-locked = The doors are locked: nobody comes in anew, but for organizers. Those who take part may go and come back.
page-doors-open = The doors are open: anyone with the link for participants comes in.
page-lock-doors = Lock the doors
page-lock-doors-text = Nobody comes in anew then, until somebody opens the doors again. Those who take part may go and come back.
page-open-doors = Open the doors
page-open-doors-text = Anyone with the link for participants comes in then.
page-own-link = My personal link
page-own-link-hint = With this link you take part on another device too, as the same person. It is yours alone: anyone who has it speaks as you.
page-make-own-link = Make a personal link
page-online-of = { $online } of { $people } are connected.
page-green-of = For { $green } of { $people } the access is checked and free.
page-connection = Connection
page-access = Access
page-role = Role
page-online = connected
page-offline-one = not connected
page-access-green = free
page-access-yellow = with remarks
page-access-red = barred
page-access-none = not known
page-add-organizer = Make an organizer
page-add-organizer-of = Make { $person } an organizer
page-add-organizer-text = { $person } may do everything then that you may do: change phases, close rooms, open ballots, end the conference.
page-remove-organizer = Take the role away
page-remove-organizer-of = Take the role from { $person }
page-remove-organizer-text = { $person } takes part like everybody else then.
page-remove-person = Remove
page-remove-person-of = Remove { $person }
page-remove-person-text = { $person } takes part no more then and cannot come back, but keeps what there is to read until then. The doors are locked, and you get a new link for participants: with the one that was given out until now nobody comes in any more.
page-rooms = Rooms
page-new-room = Name of a new room
page-add-room = Add the room
page-close-room = Close the room
page-close-room-of = Close { $room }
page-close-room-text = Everybody who is in "{ $room }" is in the plenary then. What was said there is kept.
page-end-title = End
page-end-hint = At the end of the conference. Everything can be read then, and nothing happens any more.
page-end = End the conference
page-end-text = The conference ends now and for everybody. That cannot be taken back.
page-end-word = end

page-check-text = Convene tries every way to the server and says which works and which does not. Best some days before the conference, on the computer with which you take part.
page-check-now = Check the access now
page-check-again = Check again
page-checking = The access is being checked …
page-no-check = Nothing was checked yet.
page-verdict-green = Everything is free. You can take part.
page-verdict-yellow = You can take part. There are remarks.
page-verdict-red = The server cannot be reached from here.
page-tell-access = Tell the organizers of my conferences how the check went
page-tell-access-hint = They learn only: free, with remarks or barred, and the version of Convene. No addresses.
page-step-name = The server's name: { $target }
page-step-ports = Conference ports { $ports }
page-step-https = The way of web pages: { $target }
page-step-proxy = Proxy: { $target }
page-step-portal = The network's login page
page-step-inspection = Encryption all the way to the server
page-step-clock = This computer's clock
page-step-clock-off = { $count ->
    [one] It is wrong by one second.
   *[other] It is wrong by { $count } seconds.
}
page-step-version = Common version
page-step-named-by = Named by: { $place }
page-step-logins = Wants a login: { $logins }
page-state-waiting = waits
page-state-running = is being tried
page-state-good = all is well
page-state-warned = remark
page-state-failed = does not work
page-state-skipped = not tried
page-ms = { $count } ms
page-seconds = { $count } s
page-letter = Write to my IT department
page-letter-subject = Access to { $server }
page-copy = Copy
page-copied = Copied
page-copy-failed = The browser did not let it happen. Select the text, and copy it by hand.
page-save-file = Save as a file
page-as-mail = As a mail

page-proxy = Proxy
page-proxy-hint = A proxy is a computer in your company's network through which connections go out. Most often Convene finds it by itself, and there is nothing to do here.
page-proxy-auto = Automatic
page-proxy-hand = By hand
page-proxy-script = Script
page-proxy-none-found = No proxy was found on this computer.
page-proxy-none-known = No proxy is known for the servers of your conferences.
page-proxy-wpad = is looked for in the network
page-proxy-address = Address of the proxy
page-proxy-user = User
page-proxy-password = Password
page-proxy-login-hint = Only where the proxy wants a login. A password that is stored is not shown.
page-proxy-exceptions = Reached without the proxy
page-proxy-script-address = Address of the script (PAC)
page-proxy-test = Try the proxies
page-proxy-test-hint = Convene opens a way to the server through each known proxy, and closes it again. That takes a minute at most.
page-test = Try
page-testing = Trying …
page-locked = Your company has fixed this ({ $setting }).
page-policy = fixed by the company
page-machine-settings = For everybody on this computer
page-machine-command = Administrators can change this:
page-setting = Setting
page-value = Value
page-from = From where
page-secret-set = set, is not shown
page-from-default = default
page-from-system = system
page-from-file = configuration file
page-from-drop_in = file beside it
page-from-installer = installation
page-from-api = changed here
page-from-policy = fixed by the company
page-source-gnome = settings of GNOME
page-source-kde = settings of KDE
page-source-windows = settings of Windows
page-source-environment = environment
page-source-user = by you
page-source-file = configuration file
page-source-policy = fixed by the company
page-source-winhttp = settings of Windows for all users
page-source-script = automatic proxy configuration (PAC)
page-source-wpad = network (WPAD)
page-proxy-login-title = Login at the proxy
page-proxy-login-text = The proxy { $proxy } wants a login to reach { $server }. Most often that is the user and password with which you log in to the computer.
page-proxy-login-rejected = The login as { $user } was rejected.
page-proxy-login-kept = Convene keeps the login for you, and shows it to this proxy alone.
page-log-in = Log in
page-no-login = Without a login

page-not-admitted = This page has to be opened by Convene.
page-not-admitted-remedy = Open Convene from the start menu, or type "convene web" in a terminal.
page-details = Details
page-read-on = Read on anyway
page-trouble-nothing-lost = Nothing that you wrote is lost.
page-trouble-no_daemon = The service of Convene does not run on this computer.
page-trouble-no_daemon-linux = Start it with "systemctl start convened", or ask your administrator to. This page goes on by itself then.
page-trouble-no_daemon-windows = Start the service "convened" in the services of Windows, or ask your administrator to. This page goes on by itself then.
page-trouble-impostor = A foreign program on this computer pretends to be the service of Convene.
page-trouble-impostor-remedy = Nothing was sent to that program. Show this to your administrator.
page-trouble-no_bridge = This page has no connection to Convene any more.
page-trouble-no_bridge-remedy = Open Convene once more: from the start menu, or with "convene web" in a terminal.
page-trouble-version = Convene here and its service are of different versions.
page-trouble-version-remedy = Close Convene, and open it once more. If that does not help, update Convene as it was installed, or ask this machine's administrator to.
page-trouble-disk_full = This computer's disk is full: Convene can store nothing.
page-trouble-disk_full-remedy = Make room, for example in the trash. Then it goes on by itself; until then nothing is sent and nothing received.
page-trouble-disk_broken = This computer's disk fails: Convene can store nothing.
page-trouble-disk_broken-remedy = Show this to your administrator. Until it is mended nothing is sent and nothing received.
page-trouble-no_zone = Your browser does not say in which time zone you are.
page-trouble-no_zone-remedy = All times are shown in universal time (UTC). The time zone can be set in the settings of the browser or the computer.

page-title-conferences = Conferences
page-title-join = Join
page-title-check = Check access
page-title-settings = Settings
page-title-schedule = Schedule
page-title-ballot = Ballot
page-title-organize = Organize
page-title-people = People
page-title-places = Places

page-act-lost = Lost: { $act }.
page-act-refused = Not accepted: { $act }.
page-act-say = your message
page-act-join = joining
page-act-access = telling the organizers how your access check went
page-act-leave = leaving the conference
page-act-end = the end of the conference
page-act-rename = your new name
page-act-add_organizer = making somebody an organizer
page-act-remove_organizer = taking the role from somebody
page-act-go = going to another room
page-act-add_room = the new room
page-act-close_room = closing the room
page-act-ask_to_table = asking to a table
page-act-accept_table = sitting down at the table
page-act-decline_table = declining the table
page-act-leave_table = standing up from the table
page-act-extend_phase = letting the phase last longer
page-act-shorten_phase = letting the phase end earlier
page-act-skip_phase = the change of the phase
page-act-open_ballot = the new ballot
page-act-vote = your vote
page-act-close_ballot = closing the ballot
page-act-remove = removing somebody
page-act-lock_doors = locking the doors
page-act-open_doors = opening the doors
page-act-make_link = your personal link

page-remedy-set_proxy_login = Give the proxy's user and password in the settings.
page-remedy-set_proxy = Name a proxy by hand in the settings.
page-remedy-check_proxy = Check the proxy's address in the settings.
page-remedy-add_inspection_certificate = Ask your administrator to have this computer trust the certificate of this network; otherwise ask the organizers.
page-word-disconnected = Convene does not answer on this computer. Your text stays here; try again.
page-word-conference_unknown = You have no seat in this conference.
page-word-name_taken = Another participant has this name, or one that reads like it. Choose another one.
page-word-name_of_role = This name reads like one of a role. Choose another one.
page-word-other_log = The server shows another log of this conference, as after a backup that was restored elsewhere. Convene goes on asking for the one that you know.
page-word-seat_full = Convene keeps as much of this conference, or of all your conferences together, as it may. Nothing new is taken, and what you have stays readable. Remove some that you need no more.
page-word-id_reused = This was sent before in another form. Send it anew.
page-word-still_joined = You take part in this conference. Leave it first.
page-word-too_many_seats = You take part in as many conferences on this server as possible. Leave or remove some.
page-word-conference_ambiguous = Two servers have a conference of this name. Open it from "Conferences".
page-word-person_unknown = This person takes part no more.
page-word-not_privileged = Only administrators of this computer may do that.
page-word-setting_invalid = This cannot be used. Check the address.
page-word-settings_changed = The settings were changed elsewhere meanwhile. Look again, and save once more.
page-word-draft_too_large = The draft is too long to be kept.
page-word-unsure = Whether it is stored is not known, because the disk failed. The same may be sent again.
