# What the command line says. Every key stands in both files and is used: `cargo xtask tidy` compares them.

list-seat = { $title }: { $state ->
    [joined] you take part as { $name }
    [joining] you are not in yet; Convene goes on trying
    [left] you have left
    [removed] an organizer removed you; what you have of it stays readable
    [not_here_now] the server does not have the conference at the moment; Convene goes on trying
    [seat_full] nothing new is taken
   *[refused] the server refuses you
}
list-untitled = a conference on { $server }
list-waiting = { $count ->
    [one] something that you want waits for the server; it is safe
   *[other] { $count } things that you want wait for the server; they are safe
}
list-key = its join link names the server's key { $key }
list-no_key = its join link names no key of the server
list-typed = in commands it is called { $seat }

status-server = { $server }: { $state ->
    [connected] connected since { $time }
    [connecting] Convene connects, since { $time }
    [blocked] not reached since { $time }; Convene goes on trying
   *[offline] this machine has no network, since { $time }
}
status-straight = straight to { $target }
status-by_proxy = to { $target } through the proxy { $proxy }
status-service = convened { $version } runs since { $time }
proxy-works = to { $target } through { $proxy }: works ({ $ms } ms)

act-unsure = whether it is stored is not known, because the daemon's disk failed; look by `convene tail` before you send it again
remove-next = The doors are locked, and there is a new link for participants: `convene doors` shows it, and `convene doors open` lets newcomers in again.
tail-reset = a backup of the server was restored: what was shown after { $time } holds no more, and this follows in its place

stop-not_running = convened does not answer at { $places }
stop-not_open = convened at { $places } is not open to you
stop-impostor = { $place } belongs to { $user }, and not to the system, convene, or you
stop-foreign = { $place } answers, but not as convened does
stop-broken = the connection to convened broke
stop-malformed = convened gave an answer that this version cannot read
stop-two_keys = join links to one server name different keys, and the server's name does not say which seat you mean; name the seat (`convene list` shows them)
stop-input = standard input cannot be read

say-line = Your message (Enter sends it):
join-joined = you take part in { $title } as { $name }
join-next = `convene tail` shows what was said, `convene say` says something, and `convene` tells where you stand

# The help of `convene`. A command's sentence is named by its words, what stands behind its options has `-more` behind
# that, how it is written `-usage` where that is not made of its options, and an option its id behind `--`; an option of
# several commands may be named `every--`. Words in capitals are translated as `value-`.
help-usage = Usage
help-commands = Commands
help-arguments = Arguments
help-options = Options
help-options_tag = [OPTIONS]
help-value-COMMAND = COMMAND
help-value-CONFERENCE = CONFERENCE
help-value-KEY = KEY
help-value-LINK = LINK
help-value-LOG = LOG
help-value-N = N
help-value-NAME = NAME
help-value-PATH = PATH
help-value-ROOM = ROOM
help-value-SECONDS = SECONDS
help-value-TEXT = TEXT
help-value-FILE = FILE
help-value-HOST = HOST
help-value-VALUE = VALUE
help-every--help = Print help
help-every--version = Print version
help-every--json = Print one JSON object per line
help-every--socket = The daemon's socket, instead of the usual places (also CONVENE_SOCKET)
help-every--lang = The language of messages; left out, that of the environment
help-every--wait = Seconds to wait for the server; left out, 10
help-every--id = The command's own id, so that a script may repeat it safely: any UUID
help-every--conference = Which: a conference from `convene list`, by its title or id; left out where there is one
help-help = Print this, or the help of a command
help-words = CONFERENCE is one of `convene list`, by its title or id, and may be left out where there is one. PERSON is a name or an id such as p7, ROOM and
    TABLE a name or an id such as r2, OPTION its text, its id such as o1, or its number.

help-convene = Takes part in Open Space conferences from behind whatever network there is
help-convene-more =
    Examples:
      convene                             where you stand, and what to do next
      convene join                        asks for the join link and for your name
      convene check --letter              what to send to the administrator
      convene say "Hello, everyone"
      convene tail --follow

    Exit codes: 0 done, 1 refused or failed, 2 usage, 3 the daemon does not answer, 4 the server was not reached (yet).
help-convene-status = Shows how the servers are reached, or why not
help-convene-status-more =
    Examples:
      convene status --json           one object per server
      sudo convene status --system    the service and the connections of all users; exit code 4 where one does not stand
help-convene-status--system = Show the service and the connections of all its users, without what they say: for administrators
help-convene-check = Tries every way to the servers anew, and writes the letter to the administrator
help-convene-check-more =
    Examples:
      convene check                          before the day: does this network let Convene through?
      convene check --letter --lang de       the letter to the administrator, in German

    Tries every way to the servers of your conferences and of the configuration, and says of each step what came of it, what to do and
    who can do it. Exit codes: 0 all are reached, 4 one is not.
help-convene-check--letter = Print the letter to the administrator for each server that is not reached
help-convene-check--wait = Seconds to wait for the servers; left out, 60
help-convene-join = Joins a conference
help-convene-join-more =
    Examples:
      convene join                              asks for the link and for your name
      convene join --name "Anna" < link.txt

    The link lets its holder in. Left out, it is asked for or read from standard input, and is seen by no other user of this machine.
help-convene-join--link = The join link. Left out, or `-`, it is asked for at a terminal, and otherwise read from standard input
help-convene-join--name = The name under which you take part; left out, it is asked for at a terminal
help-convene-join--log = The log to turn to, as `convene list` names it, where the server shows another one than the one that you know
help-convene-list = Lists the conferences you have a seat in
help-convene-list-more =
    Example:
      convene list --json    one object per seat
help-convene-say = Says something
help-convene-say-usage = convene say [OPTIONS] [CONFERENCE] [TEXT]
help-convene-say-more =
    Examples:
      convene say                            asks for the text, so that no shell reads it
      convene say "Hello, everyone"
      convene say "Our next year" --room foyer "Hello, everyone"
      convene say -- "-- a text that begins with a dash"

    `queued` means that the message is safe and will be decided, whatever is killed or cut meanwhile.
help-convene-say--words = The conference, which may be left out where there is one, and the text; left out, it is asked for or read from standard input
help-convene-say--room = Where in the conference: a room by its name or id; left out, where you stand
help-convene-act = Wants anything that a conference knows, as JSON
help-convene-act-usage = convene act [OPTIONS] [CONFERENCE] JSON
help-convene-act-more =
    Example:
      convene act '{"{"}"kind":"say","text":"Hello"{"}"}'
help-convene-act--words = The conference, which may be left out where there is one, and a JSON object with a `kind`
help-convene-tail = Prints what happened, and goes on with --follow
help-convene-tail-more =
    Examples:
      convene tail                        everything so far
      convene tail --after 17 --json      what came after event 17
      convene tail --follow               go on until Ctrl-C, whatever is restarted
help-convene-tail--after = Only what came after the event of this number
help-convene-tail--follow = Go on with what happens
help-convene-rooms = Lists the rooms of a conference
help-convene-rooms-usage = convene rooms [OPTIONS] [CONFERENCE]
help-convene-rooms-more =
    { help-words }

    Examples:
      convene rooms            which there are, and how many people stand there
      convene rooms --json     one object per room
help-convene-who = Shows who takes part, where they stand, and who is online
help-convene-who-usage = convene who [OPTIONS] [CONFERENCE] [ROOM]
help-convene-who-more =
    { help-words }

    Examples:
      convene who              everyone, where they stand, and who is online
      convene who foyer        who stands there
help-convene-go = Goes to another room
help-convene-go-usage = convene go [OPTIONS] [CONFERENCE] ROOM
help-convene-go-more =
    { help-words }

    Examples:
      convene go "Room A"
      convene go plenary
help-convene-room = Adds or closes a room (organizers)
help-convene-room-usage =
    convene room [OPTIONS] [CONFERENCE] add NAME
           convene room [OPTIONS] [CONFERENCE] close ROOM
help-convene-room-more =
    { help-words }

    Examples:
      convene room add "Room A"
      convene room close "Room A"    who stands there stands in the plenary then
help-convene-table = Talks with a few people among yourselves, at a café table
help-convene-table-usage =
    convene table [OPTIONS] [CONFERENCE]
           convene table [OPTIONS] [CONFERENCE] ask PERSON...
           convene table [OPTIONS] [CONFERENCE] accept [TABLE]
           convene table [OPTIONS] [CONFERENCE] decline [TABLE]
           convene table [OPTIONS] [CONFERENCE] leave
help-convene-table-more =
    { help-words }

    Examples:
      convene table                    who sits where, and who asks you to come
      convene table ask Bernd Carla    you sit down, and they are asked to come
      convene table accept
      convene say "among us"           reaches those who sit there and nobody else
      convene table leave
help-convene-phase = Shows the phases; organizers move the end of the one that runs
help-convene-phase-usage =
    convene phase [OPTIONS] [CONFERENCE]
           convene phase [OPTIONS] [CONFERENCE] extend MINUTES
           convene phase [OPTIONS] [CONFERENCE] shorten MINUTES
           convene phase [OPTIONS] [CONFERENCE] skip
help-convene-phase-more =
    { help-words }

    Examples:
      convene phase            the plan, the actual times, and what is left
      convene phase extend 10  the one that runs ends 10 minutes later
      convene phase skip       the next one begins now
help-convene-organizer = Makes somebody an organizer, or an organizer a participant (organizers)
help-convene-organizer-usage =
    convene organizer [OPTIONS] [CONFERENCE] add PERSON
           convene organizer [OPTIONS] [CONFERENCE] remove PERSON
help-convene-organizer-more =
    { help-words }

    Examples:
      convene organizer add Anna
      convene organizer remove Bernd
help-convene-remove = Removes somebody, who cannot come back (organizers)
help-convene-remove-usage = convene remove [OPTIONS] [CONFERENCE] PERSON
help-convene-remove-more =
    { help-words }

    Examples:
      convene remove Bernd
      convene doors             the new join links

    Bernd keeps what there was to read. The doors are locked, the links that he may know let nobody in any more, and his
    personal link does not either; the personal links of others go on.
help-convene-doors = Shows, locks and opens the doors: whether newcomers are let in (organizers)
help-convene-doors-usage =
    convene doors [OPTIONS] [CONFERENCE]
           convene doors [OPTIONS] [CONFERENCE] lock
           convene doors [OPTIONS] [CONFERENCE] open
help-convene-doors-more =
    { help-words }

    Examples:
      convene doors             whether they are locked, and the join links
      convene doors lock        nobody comes in anew, but for organizers
      convene doors open

    Those who take part may go and come back, whether the doors are locked or not.
help-convene-link = Shows your personal link, by which you take part on another device too
help-convene-link-usage = convene link [OPTIONS] [CONFERENCE]
help-convene-link-more =
    { help-words }

    Examples:
      convene link
      convene link --json       prints {"{"}"link"{"}"}

    It is yours alone: anyone who has it speaks as you. It stays the same, also when organizers replace the other links.
help-convene-ballot = Shows the ballots; organizers open and close one
help-convene-ballot-usage =
    convene ballot [OPTIONS] [CONFERENCE]
           convene ballot [OPTIONS] [CONFERENCE] open QUESTION OPTION OPTION...
           convene ballot [OPTIONS] [CONFERENCE] close
help-convene-ballot-more =
    { help-words }

    Examples:
      convene ballot           the ballots, how many have voted, and results
      convene ballot open "Which topic first?" Trains Bicycles
      convene ballot close     tells the result to everyone

    Nobody learns who voted what, the organizers and the operator of the server included.
help-convene-vote = Votes, or votes otherwise, secretly
help-convene-vote-usage = convene vote [OPTIONS] [CONFERENCE] OPTION
help-convene-vote-more =
    { help-words }

    Examples:
      convene vote Trains
      convene vote 2           the second option; another vote replaces the first one
help-convene-rename = Takes another name
help-convene-rename-usage = convene rename [OPTIONS] [CONFERENCE] NAME
help-convene-rename-more =
    { help-words }

    Examples:
      convene rename "Anna B."
help-convene-leave = Leaves a conference; what you have of it stays readable
help-convene-leave-more =
    Examples:
      convene leave
      convene leave s12      one that is not joined yet, as `convene list` calls it: Convene tries no longer
help-convene-forget = Forgets a seat that takes part no more, with all that you have of its conference
help-convene-forget-more =
    Examples:
      convene forget "Our next year"    after `convene leave`
      convene forget s12                one that was refused, or never joined

    The last 256 are kept for each server; earlier ones are forgotten by themselves.
help-convene-forget--seat = Which: a conference from `convene list`, by its title or id, or what it is called there
help-convene-proxy = Sets and tests proxies, where those that are found do not do
help-convene-proxy-set = Sets the proxy for your own conferences
help-convene-proxy-set-more =
    Examples:
      convene proxy set http://proxy.example.org:3128
      convene proxy set socks5://proxy.example.org --except .example.org
      convene proxy set --pac http://proxy.example.org/proxy.pac
      convene proxy set none                   forget it again

    It comes before the proxies of the system and of your desktop, which are found without it. Where the proxy wants a login you
    are asked for it.
help-convene-proxy-set--proxies = [SCHEME://]HOST[:PORT] (http, https, socks5, socks4a), or `none`
help-convene-proxy-set--pac = The address of a script that names proxies
help-convene-proxy-set--except = A host, domain or network that is reached without the proxy; may be given several times
help-convene-proxy-test = Tries every proxy that is known

help-convene-completions = Prints the script by which a shell completes what you type
help-convene-completions-more =
    Examples:
      source <(convene completions bash)                                 in ~/.bashrc
      source <(convene completions zsh)                                  in ~/.zshrc
      convene completions fish | source                                  in config.fish
      convene completions powershell | Out-String | Invoke-Expression    in $PROFILE

    Commands, conferences, rooms and people are completed. The packages for Linux bring the scripts along.
help-convene-completions--shell = For which shell: bash, zsh, fish or powershell

help-convene-report = Shows, and writes, what somebody needs to know who helps you, without names and texts
help-convene-report-more =
    Examples:
      convene report                 shows the report
      convene report report.txt      shows it, asks, and writes it to this file

    It tells how the servers are reached and what failed, in codes and numbers; the servers are numbered. Names, addresses, texts, codes
    of join links and passwords are not in it, and the service's log is not either.
help-convene-report--file = The file to write it to, which must not be there yet; left out, it is only shown

help-convene-tomorrow = Looks whether the conferences until tomorrow can be reached
help-convene-tomorrow-more =
    Examples:
      convene tomorrow              exit code 4 where a server is not reached
      convene tomorrow --notify     as the packages start it at a login

    The conferences count that open from now on until tomorrow night.
help-convene-tomorrow--notify = Look once a day as long as the session lasts, and show a notice where one is not reached
help-convene-tomorrow--wait = Seconds to wait for the servers; left out, 60

help-convene-tui = Shows your conferences in this terminal, and lets you take part in them by keys
help-convene-tui-more =
    Examples:
      convene tui
      convene tui "Our next year"

    F1 shows the keys and the commands.
help-convene-web = Opens Convene in your browser
help-convene-web-more =
    Examples:
      convene web
      convene web --join - < link.txt
      convene web --no-open --json    prints {"{"}"url"{"}"}: good for 30 seconds, once, and for you alone

    What serves the page runs once for each user, and ends when no page has been open for 10 minutes.
help-convene-web--join = Show the view for joining with this link filled in, or with the one on standard input (`-`); nothing is joined before you say so there
help-convene-web--no_open = Open no browser, and print the address instead
help-convene-settings = Shows settings with the places that they come from, and changes them
help-convene-settings-get = Shows settings, the place that each comes from, and what it hides
help-convene-settings-get-more =
    Examples:
      convene settings get                    all of them
      convene settings get proxy              those of a section
      convene settings get proxy.mode --json  one object per setting
help-convene-settings-get--key = Which: a setting such as `proxy.mode`, or all whose names begin so; left out, all
help-convene-settings-set = Changes a setting: of the machine for administrators, under `own` for yourself
help-convene-settings-set-more =
    Examples:
      sudo convene settings set proxy.mode off
      sudo convene settings set proxy.mode --unset   the files count again
      sudo convene settings set server.conference.example.org:443.contact help@example.org
      sudo convene settings set proxy.password       asks for it; without a terminal it is a line of standard input
      convene settings set own.tell_access true      organizers are told how the access check went

    A change counts at once, and after a restart. A setting that a policy fixes cannot be changed.
help-convene-settings-set--key = Which, such as `proxy.mode`
help-convene-settings-set--value = The new value. A password is no argument: everybody on this machine could read it
help-convene-settings-set--unset = Take back what was set here

# What is wrong with a command line.
usage-command = there is no command “{ $command }”
usage-argument = “{ $argument }” does not fit here
usage-choice = “{ $value }” will not do for { $argument }; these will: { $values }
usage-value = “{ $value }” will not do for { $argument }
usage-missing = this is missing: { $argument }
usage-conflict = { $argument } and { $other } do not go together
usage-too_many = “{ $value }” is too much for { $argument }
usage-other = this command line cannot be understood
usage-meant = Did you mean { $meant }?
usage-help = With --help behind it each command shows how it is written.

standing-none = you take part in no conference
standing-next = Next:
standing-join = `convene join` asks for the join link that came with the invitation
standing-check = `convene check --letter` writes the letter to the administrator of your network
standing-table = `convene table accept` accepts the invitation to the table
standing-vote = `convene ballot` shows the ballot, `convene vote` votes
standing-tail = `convene tail` shows what was said, with --follow what comes too
standing-say = `convene say` asks for what you want to say
standing-several = behind the command stands the title of the conference that you mean, in quotes
standing-help = `convene --help` shows everything else

# What takes longer than a second.
progress = Convene waits, for { $seconds } s already …

report-title = Report of { $program } on { $system }, { $time }
report-kept_out = Names, addresses, texts, codes of join links and passwords are not in it; the servers are numbered.
report-session = Session:
report-service = Service:
report-system = Service, for all users:
report-server = Server { $number }
report-seat = Seat
report-check = Check
report-setting = Setting:
report-own = Own proxy:
report-ask = Write it to the file { $file }? (y/n)
report-written = written: { $file }
report-exists = { $file } is there already; name another file
report-unwritten = { $file } cannot be written

tomorrow-none = no conference opens until tomorrow night
tomorrow-reached = { $title }, { $time }: the server { $server } is reached
tomorrow-unreached = { $title }, { $time }: the server { $server } is not reached; `convene check --letter` writes to your administrator
tomorrow-notice_title = Convene: a conference until tomorrow
tomorrow-notice = Its server is not reached from this network at the moment. In a terminal, this says what to do: convene tomorrow
