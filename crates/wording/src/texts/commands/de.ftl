# Was die Kommandozeile sagt. Jeder Schlüssel steht in beiden Dateien und wird gebraucht: `cargo xtask tidy` vergleicht sie.

list-seat = { $title }: { $state ->
    [joined] Sie nehmen als { $name } teil
    [joining] Sie sind noch nicht dabei; Convene versucht es weiter
    [left] Sie haben die Konferenz verlassen
    [removed] die Veranstalter haben Sie entfernt; was Sie davon haben, bleibt lesbar
    [not_here_now] der Server hat die Konferenz im Augenblick nicht; Convene versucht es weiter
    [seat_full] Neues wird nicht angenommen
   *[refused] der Server lehnt Sie ab
}
list-untitled = eine Konferenz auf { $server }
list-waiting = { $count ->
    [one] etwas, das Sie wollen, wartet auf den Server; es ist sicher
   *[other] { $count } Dinge, die Sie wollen, warten auf den Server; sie sind sicher
}
list-key = ihr Beitrittslink nennt den Schlüssel { $key } des Servers
list-no_key = ihr Beitrittslink nennt keinen Schlüssel des Servers
list-typed = in Befehlen heißt sie { $seat }

status-server = { $server }: { $state ->
    [connected] verbunden seit { $time }
    [connecting] Convene verbindet sich, seit { $time }
    [blocked] nicht erreicht seit { $time }; Convene versucht es weiter
   *[offline] dieser Rechner hat kein Netz, seit { $time }
}
status-straight = direkt zu { $target }
status-by_proxy = zu { $target } über den Proxy { $proxy }
status-service = convened { $version } läuft seit { $time }
proxy-works = zu { $target } über { $proxy }: funktioniert ({ $ms } ms)

act-unsure = ob es gespeichert ist, ist nicht bekannt, weil der Datenträger des Dienstes gestört war; sehen Sie mit `convene tail` nach, bevor Sie es noch einmal senden
remove-next = Die Türen sind geschlossen, und es gibt einen neuen Link für Teilnehmende: `convene doors` zeigt ihn, und `convene doors open` lässt wieder neue Leute herein.
tail-reset = eine Sicherung des Servers wurde eingespielt: was nach { $time } gezeigt wurde, gilt nicht mehr, und dies tritt an seine Stelle

stop-not_running = convened antwortet nicht an { $places }
stop-not_open = convened an { $places } ist für Sie nicht offen
stop-impostor = { $place } gehört { $user }, und nicht dem System, convene oder Ihnen
stop-foreign = { $place } antwortet, aber nicht so wie convened
stop-broken = die Verbindung zu convened ist abgerissen
stop-malformed = convened gab eine Antwort, die diese Version nicht lesen kann
stop-two_keys = Beitrittslinks zu einem Server nennen verschiedene Schlüssel, und der Name des Servers sagt nicht, welchen Platz Sie meinen; nennen Sie den Platz (`convene list` zeigt sie)
stop-input = die Standardeingabe lässt sich nicht lesen

say-line = Ihre Nachricht (die Eingabetaste sendet sie):
join-joined = Sie nehmen als { $name } an { $title } teil
join-next = `convene tail` zeigt, was gesagt wurde, `convene say` sagt etwas, und `convene` zeigt, wie es steht

# Die Hilfe von `convene`. Der Satz eines Befehls heißt nach seinen Wörtern, was hinter seinen Optionen steht, hat `-more`
# dahinter, wie er geschrieben wird `-usage`, wo sich das nicht aus seinen Optionen ergibt, und eine Option ihren Namen hinter `--`;
# eine Option mehrerer Befehle darf `every--` heißen. Wörter in Großbuchstaben werden als `value-` übersetzt.
help-usage = Aufruf
help-commands = Befehle
help-arguments = Argumente
help-options = Optionen
help-options_tag = [OPTIONEN]
help-value-COMMAND = BEFEHL
help-value-CONFERENCE = KONFERENZ
help-value-KEY = EINSTELLUNG
help-value-LINK = LINK
help-value-LOG = PROTOKOLL
help-value-N = N
help-value-NAME = NAME
help-value-PATH = PFAD
help-value-ROOM = RAUM
help-value-SECONDS = SEKUNDEN
help-value-TEXT = TEXT
help-value-FILE = DATEI
help-value-HOST = RECHNER
help-value-VALUE = WERT
help-every--help = Diese Hilfe zeigen
help-every--version = Die Version zeigen
help-every--json = Ein JSON-Objekt pro Zeile ausgeben
help-every--socket = Der Socket des Dienstes, statt der üblichen Orte (auch CONVENE_SOCKET)
help-every--lang = Die Sprache der Meldungen; ohne sie die der Umgebung
help-every--wait = So viele Sekunden auf den Server warten; ohne sie 10
help-every--id = Die eigene ID des Kommandos, damit ein Skript es sicher wiederholen kann: irgendeine UUID
help-every--conference = Welche: eine Konferenz aus `convene list`, mit ihrem Titel oder ihrer ID; gibt es nur eine, kann sie fehlen
help-help = Dies zeigen, oder die Hilfe eines Befehls
help-words = KONFERENZ ist eine aus `convene list`, mit ihrem Titel oder ihrer ID, und kann fehlen, wenn es nur eine gibt. PERSON ist ein Name oder eine ID wie p7,
    RAUM und TISCH ein Name oder eine ID wie r2, ANTWORT ihr Text, ihre ID wie o1 oder ihre Nummer.

help-convene = Nimmt an Open-Space-Konferenzen teil, hinter welchem Netz auch immer
help-convene-more =
    Beispiele:
      convene                             wie es steht und was als Nächstes zu tun ist
      convene join                        fragt nach dem Beitrittslink und Ihrem Namen
      convene check --letter              was die Administration bekommen sollte
      convene say "Hallo zusammen"
      convene tail --follow

    Rückgabewerte: 0 getan, 1 abgelehnt oder gescheitert, 2 falscher Aufruf, 3 der Dienst antwortet nicht, 4 der Server wurde (noch) nicht erreicht.
help-convene-status = Zeigt, wie die Server erreicht werden, oder warum nicht
help-convene-status-more =
    Beispiele:
      convene status --json           ein Objekt pro Server
      sudo convene status --system    der Dienst und die Verbindungen aller Benutzer; Rückgabewert 4, wenn eine nicht steht
help-convene-status--system = Den Dienst und die Verbindungen aller seiner Benutzer zeigen, ohne was sie sagen: für die Administration
help-convene-check = Versucht alle Wege zu den Servern von Neuem und schreibt den Brief an die Administration
help-convene-check-more =
    Beispiele:
      convene check                          vor dem Tag: Lässt dieses Netz Convene durch?
      convene check --letter --lang en       der Brief an die Administration, auf Englisch

    Versucht alle Wege zu den Servern Ihrer Konferenzen und der Konfiguration und sagt zu jedem Schritt, was dabei herauskam, was zu tun ist
    und wer es tun kann. Rückgabewerte: 0 alle werden erreicht, 4 einer nicht.
help-convene-check--letter = Den Brief an die Administration für jeden Server ausgeben, der nicht erreicht wird
help-convene-check--wait = So viele Sekunden auf die Server warten; ohne sie 60
help-convene-join = Tritt einer Konferenz bei
help-convene-join-more =
    Beispiele:
      convene join                              fragt nach dem Link und Ihrem Namen
      convene join --name "Anna" < link.txt

    Wer den Link hat, kommt hinein. Fehlt er, wird nach ihm gefragt, oder er wird von der Standardeingabe gelesen, und kein anderer Benutzer dieses Rechners sieht ihn.
help-convene-join--link = Der Beitrittslink. Fehlt er, oder steht da `-`, wird am Terminal nach ihm gefragt, und sonst wird er von der Standardeingabe gelesen
help-convene-join--name = Der Name, unter dem Sie teilnehmen; fehlt er, wird am Terminal nach ihm gefragt
help-convene-join--log = Das Protokoll, zu dem gewechselt wird, wie `convene list` es nennt, wenn der Server ein anderes zeigt als das, das Sie kennen
help-convene-list = Zeigt die Konferenzen, in denen Sie einen Platz haben
help-convene-list-more =
    Beispiel:
      convene list --json    ein Objekt pro Platz
help-convene-say = Sagt etwas
help-convene-say-usage = convene say [OPTIONEN] [KONFERENZ] [TEXT]
help-convene-say-more =
    Beispiele:
      convene say                            fragt nach dem Text, so dass keine Shell ihn liest
      convene say "Hallo zusammen"
      convene say "Unser nächstes Jahr" --room foyer "Hallo zusammen"
      convene say -- "-- ein Text, der mit einem Strich beginnt"

    „eingereiht“ heißt, dass die Nachricht sicher ist und entschieden wird, was auch immer inzwischen abstürzt oder abreißt.
help-convene-say--words = Die Konferenz, die fehlen kann, wenn es nur eine gibt, und der Text; fehlt er, wird nach ihm gefragt, oder er wird von der Standardeingabe gelesen
help-convene-say--room = Wo in der Konferenz: ein Raum mit seinem Namen oder seiner ID; ohne ihn, wo Sie stehen
help-convene-act = Will irgendetwas, das eine Konferenz kennt, als JSON
help-convene-act-usage = convene act [OPTIONEN] [KONFERENZ] JSON
help-convene-act-more =
    Beispiel:
      convene act '{"{"}"kind":"say","text":"Hallo"{"}"}'
help-convene-act--words = Die Konferenz, die fehlen kann, wenn es nur eine gibt, und ein JSON-Objekt mit `kind`
help-convene-tail = Zeigt, was geschah, und mit --follow, was weiter geschieht
help-convene-tail-more =
    Beispiele:
      convene tail                        alles bisher
      convene tail --after 17 --json      was nach dem Ereignis 17 kam
      convene tail --follow               bis Strg-C, was auch immer neu gestartet wird
help-convene-tail--after = Nur was nach dem Ereignis dieser Nummer kam
help-convene-tail--follow = Zeigen, was weiter geschieht
help-convene-rooms = Zeigt die Räume einer Konferenz
help-convene-rooms-usage = convene rooms [OPTIONEN] [KONFERENZ]
help-convene-rooms-more =
    { help-words }

    Beispiele:
      convene rooms            welche es gibt, und wie viele dort stehen
      convene rooms --json     ein Objekt pro Raum
help-convene-who = Zeigt, wer teilnimmt, wo alle stehen und wer online ist
help-convene-who-usage = convene who [OPTIONEN] [KONFERENZ] [RAUM]
help-convene-who-more =
    { help-words }

    Beispiele:
      convene who              alle, wo sie stehen, und wer online ist
      convene who Foyer        wer dort steht
help-convene-go = Geht in einen anderen Raum
help-convene-go-usage = convene go [OPTIONEN] [KONFERENZ] RAUM
help-convene-go-more =
    { help-words }

    Beispiele:
      convene go "Raum A"
      convene go Plenum
help-convene-room = Fügt einen Raum hinzu oder schließt einen (Veranstalter)
help-convene-room-usage =
    convene room [OPTIONEN] [KONFERENZ] add NAME
            convene room [OPTIONEN] [KONFERENZ] close RAUM
help-convene-room-more =
    { help-words }

    Beispiele:
      convene room add "Raum A"
      convene room close "Raum A"    wer dort steht, steht danach im Plenum
help-convene-table = Spricht mit einigen wenigen unter sich, an einem Tisch
help-convene-table-usage =
    convene table [OPTIONEN] [KONFERENZ]
            convene table [OPTIONEN] [KONFERENZ] ask PERSON...
            convene table [OPTIONEN] [KONFERENZ] accept [TISCH]
            convene table [OPTIONEN] [KONFERENZ] decline [TISCH]
            convene table [OPTIONEN] [KONFERENZ] leave
help-convene-table-more =
    { help-words }

    Beispiele:
      convene table                    wer wo sitzt, und wer Sie zu sich bittet
      convene table ask Bernd Carla    Sie setzen sich, und die beiden werden gebeten zu kommen
      convene table accept
      convene say "unter uns"          erreicht die, die dort sitzen, und sonst niemanden
      convene table leave
help-convene-phase = Zeigt die Phasen; Veranstalter verschieben das Ende der laufenden
help-convene-phase-usage =
    convene phase [OPTIONEN] [KONFERENZ]
            convene phase [OPTIONEN] [KONFERENZ] extend MINUTEN
            convene phase [OPTIONEN] [KONFERENZ] shorten MINUTEN
            convene phase [OPTIONEN] [KONFERENZ] skip
help-convene-phase-more =
    { help-words }

    Beispiele:
      convene phase            der Plan, die wirklichen Zeiten, und was noch bleibt
      convene phase extend 10  die laufende endet 10 Minuten später
      convene phase skip       die nächste beginnt jetzt
help-convene-organizer = Macht jemanden zum Veranstalter oder wieder zum Teilnehmer (Veranstalter)
help-convene-organizer-usage =
    convene organizer [OPTIONEN] [KONFERENZ] add PERSON
            convene organizer [OPTIONEN] [KONFERENZ] remove PERSON
help-convene-organizer-more =
    { help-words }

    Beispiele:
      convene organizer add Anna
      convene organizer remove Bernd
help-convene-remove = Entfernt jemanden, der dann nicht wiederkommen kann (Veranstalter)
help-convene-remove-usage = convene remove [OPTIONEN] [KONFERENZ] PERSON
help-convene-remove-more =
    { help-words }

    Beispiele:
      convene remove Bernd
      convene doors             die neuen Beitrittslinks

    Bernd behält, was es zu lesen gab. Die Türen werden geschlossen, mit den Links, die er kennen kann, kommt niemand mehr herein,
    auch nicht mit seinem persönlichen; die persönlichen Links anderer gelten weiter.
help-convene-doors = Zeigt, schließt und öffnet die Türen: ob jemand neu hereinkommt (Veranstalter)
help-convene-doors-usage =
    convene doors [OPTIONEN] [KONFERENZ]
            convene doors [OPTIONEN] [KONFERENZ] lock
            convene doors [OPTIONEN] [KONFERENZ] open
help-convene-doors-more =
    { help-words }

    Beispiele:
      convene doors             ob sie geschlossen sind, und die Beitrittslinks
      convene doors lock        niemand kommt neu herein, außer Veranstaltern
      convene doors open

    Wer teilnimmt, kann gehen und wiederkommen, ob die Türen geschlossen sind oder nicht.
help-convene-link = Zeigt Ihren persönlichen Link, mit dem Sie auch mit einem anderen Gerät teilnehmen
help-convene-link-usage = convene link [OPTIONEN] [KONFERENZ]
help-convene-link-more =
    { help-words }

    Beispiele:
      convene link
      convene link --json       gibt {"{"}"link"{"}"} aus

    Er gehört nur Ihnen: wer ihn hat, spricht in Ihrem Namen. Er bleibt derselbe, auch wenn Veranstalter die anderen Links ersetzen.
help-convene-ballot = Zeigt die Abstimmungen; Veranstalter eröffnen und schließen eine
help-convene-ballot-usage =
    convene ballot [OPTIONEN] [KONFERENZ]
            convene ballot [OPTIONEN] [KONFERENZ] open FRAGE ANTWORT ANTWORT...
            convene ballot [OPTIONEN] [KONFERENZ] close
help-convene-ballot-more =
    { help-words }

    Beispiele:
      convene ballot           die Abstimmungen, wie viele abgestimmt haben, und Ergebnisse
      convene ballot open "Welches Thema zuerst?" Bahn Fahrrad
      convene ballot close     sagt allen das Ergebnis

    Niemand erfährt, wer wie abgestimmt hat, auch nicht die Veranstalter und die Betreiber des Servers.
help-convene-vote = Stimmt geheim ab, oder stimmt anders ab
help-convene-vote-usage = convene vote [OPTIONEN] [KONFERENZ] ANTWORT
help-convene-vote-more =
    { help-words }

    Beispiele:
      convene vote Bahn
      convene vote 2           die zweite Antwort; eine weitere Stimme ersetzt die erste
help-convene-rename = Nimmt einen anderen Namen an
help-convene-rename-usage = convene rename [OPTIONEN] [KONFERENZ] NAME
help-convene-rename-more =
    { help-words }

    Beispiele:
      convene rename "Anna B."
help-convene-leave = Verlässt eine Konferenz; was Sie von ihr haben, bleibt lesbar
help-convene-leave-more =
    Beispiele:
      convene leave
      convene leave s12      eine, der Sie noch nicht beigetreten sind, wie `convene list` sie nennt: Convene versucht es nicht weiter
help-convene-forget = Vergisst einen Platz, der nicht mehr teilnimmt, mit allem, was Sie von seiner Konferenz haben
help-convene-forget-more =
    Beispiele:
      convene forget "Unser nächstes Jahr"    nach `convene leave`
      convene forget s12                      einen, der abgelehnt wurde oder nie beitrat

    Die letzten 256 werden für jeden Server behalten; frühere werden von selbst vergessen.
help-convene-forget--seat = Welche: eine Konferenz aus `convene list`, mit ihrem Titel oder ihrer ID, oder wie sie dort heißt
help-convene-proxy = Setzt und prüft Proxys, wenn die nicht genügen, die gefunden werden
help-convene-proxy-set = Setzt den Proxy für Ihre eigenen Konferenzen
help-convene-proxy-set-more =
    Beispiele:
      convene proxy set http://proxy.example.org:3128
      convene proxy set socks5://proxy.example.org --except .example.org
      convene proxy set --pac http://proxy.example.org/proxy.pac
      convene proxy set none                   ihn wieder vergessen

    Er kommt vor den Proxys des Systems und Ihrer Oberfläche, die ohne ihn gefunden werden. Wenn der Proxy eine Anmeldung verlangt,
    werden Sie danach gefragt.
help-convene-proxy-set--proxies = [SCHEMA://]RECHNER[:PORT] (http, https, socks5, socks4a), oder `none`
help-convene-proxy-set--pac = Die Adresse eines Skripts, das Proxys nennt
help-convene-proxy-set--except = Ein Rechner, eine Domäne oder ein Netz, das ohne den Proxy erreicht wird; darf mehrmals stehen
help-convene-proxy-test = Prüft jeden Proxy, der bekannt ist

help-convene-completions = Gibt das Skript aus, mit dem eine Shell vervollständigt, was Sie tippen
help-convene-completions-more =
    Beispiele:
      source <(convene completions bash)                                 in ~/.bashrc
      source <(convene completions zsh)                                  in ~/.zshrc
      convene completions fish | source                                  in config.fish
      convene completions powershell | Out-String | Invoke-Expression    in $PROFILE

    Vervollständigt werden Befehle, Konferenzen, Räume und Menschen. Die Pakete für Linux bringen die Skripte mit.
help-convene-completions--shell = Für welche Shell: bash, zsh, fish oder powershell

help-convene-report = Zeigt und schreibt, was jemand wissen muss, der Ihnen hilft, ohne Namen und Texte
help-convene-report-more =
    Beispiele:
      convene report                 zeigt den Bericht
      convene report bericht.txt     zeigt ihn, fragt, und schreibt ihn in diese Datei

    Darin steht, wie die Server erreicht werden und was misslang, in Codes und Zahlen; die Server sind nummeriert. Namen, Adressen,
    Texte, Codes von Beitrittslinks und Passwörter stehen nicht darin, und das Protokoll des Dienstes auch nicht.
help-convene-report--file = Die Datei, in die er geschrieben wird und die es noch nicht geben darf; ohne sie wird er nur gezeigt

help-convene-tomorrow = Sieht nach, ob die Konferenzen bis morgen erreichbar sind
help-convene-tomorrow-more =
    Beispiele:
      convene tomorrow              Rückgabewert 4, wenn ein Server nicht erreicht wird
      convene tomorrow --notify     wie die Pakete es beim Anmelden starten

    Es zählen die Konferenzen, die von jetzt an bis morgen Nacht eröffnet werden.
help-convene-tomorrow--notify = Einmal am Tag nachsehen, solange die Sitzung dauert, und es melden, wenn einer nicht erreicht wird
help-convene-tomorrow--wait = So viele Sekunden auf die Server warten; ohne sie 60

help-convene-tui = Zeigt Ihre Konferenzen in diesem Terminal; Sie nehmen mit den Tasten daran teil
help-convene-tui-more =
    Beispiele:
      convene tui
      convene tui "Unser nächstes Jahr"

    F1 zeigt die Tasten und die Befehle.
help-convene-web = Öffnet Convene in Ihrem Browser
help-convene-web-more =
    Beispiele:
      convene web
      convene web --join - < link.txt
      convene web --no-open --json    gibt {"{"}"url"{"}"} aus: gültig für 30 Sekunden, einmal und für Sie allein

    Was die Seite ausliefert, läuft für jeden Benutzer einmal und endet, wenn 10 Minuten lang keine Seite offen war.
help-convene-web--join = Die Ansicht zum Beitreten mit diesem Link zeigen, oder mit dem von der Standardeingabe (`-`); beigetreten wird erst, wenn Sie es dort sagen
help-convene-web--no_open = Keinen Browser öffnen und stattdessen die Adresse ausgeben
help-convene-settings = Zeigt Einstellungen mit den Orten, von denen sie kommen, und ändert sie
help-convene-settings-get = Zeigt Einstellungen, den Ort, von dem jede kommt, und was sie verdeckt
help-convene-settings-get-more =
    Beispiele:
      convene settings get                    alle
      convene settings get proxy              die eines Abschnitts
      convene settings get proxy.mode --json  ein Objekt pro Einstellung
help-convene-settings-get--key = Welche: eine Einstellung wie `proxy.mode`, oder alle, deren Namen so beginnen; ohne sie alle
help-convene-settings-set = Ändert eine Einstellung: des Rechners für die Administration, unter `own` für Sie selbst
help-convene-settings-set-more =
    Beispiele:
      sudo convene settings set proxy.mode off
      sudo convene settings set proxy.mode --unset   die Dateien gelten wieder
      sudo convene settings set server.conference.example.org:443.contact help@example.org
      sudo convene settings set proxy.password       fragt danach; ohne Terminal ist es eine Zeile der Standardeingabe
      convene settings set own.tell_access true      die Veranstalter erfahren, wie die Zugangsprüfung ausging

    Eine Änderung gilt sofort und nach einem Neustart. Was eine Richtlinie festlegt, lässt sich nicht ändern.
help-convene-settings-set--key = Welche, etwa `proxy.mode`
help-convene-settings-set--value = Der neue Wert. Ein Passwort ist kein Argument: Jeder auf diesem Rechner könnte es lesen
help-convene-settings-set--unset = Zurücknehmen, was hier gesetzt wurde

# Was an einer Befehlszeile nicht stimmt.
usage-command = den Befehl „{ $command }“ gibt es nicht
usage-argument = „{ $argument }“ passt hier nicht
usage-choice = „{ $value }“ geht nicht für { $argument }; es gehen: { $values }
usage-value = „{ $value }“ geht nicht für { $argument }
usage-missing = es fehlt: { $argument }
usage-conflict = { $argument } und { $other } gehen nicht zusammen
usage-too_many = „{ $value }“ ist zu viel für { $argument }
usage-other = diese Befehlszeile ist nicht zu verstehen
usage-meant = Meinten Sie { $meant }?
usage-help = Mit --help dahinter zeigt jeder Befehl, wie er geschrieben wird.

standing-none = Sie nehmen an keiner Konferenz teil
standing-next = Als Nächstes:
standing-join = `convene join` fragt nach dem Beitrittslink, den Sie mit der Einladung bekommen haben
standing-check = `convene check --letter` schreibt den Brief an die Administration Ihres Netzes
standing-table = `convene table accept` nimmt die Einladung an den Tisch an
standing-vote = `convene ballot` zeigt die Abstimmung, `convene vote` stimmt ab
standing-tail = `convene tail` zeigt, was gesagt wurde, mit --follow auch, was weiter gesagt wird
standing-say = `convene say` fragt nach dem, was Sie sagen möchten
standing-several = hinter dem Befehl steht der Titel der Konferenz, die Sie meinen, in Anführungszeichen
standing-help = `convene --help` zeigt alles andere

# Was länger als eine Sekunde dauert.
progress = Convene wartet, seit { $seconds } s …

report-title = Bericht von { $program } auf { $system }, { $time }
report-kept_out = Namen, Adressen, Texte, Codes von Beitrittslinks und Passwörter stehen nicht darin; die Server sind nummeriert.
report-session = Sitzung:
report-service = Dienst:
report-system = Dienst, für alle Benutzer:
report-server = Server { $number }
report-seat = Platz
report-check = Prüfung
report-setting = Einstellung:
report-own = Eigener Proxy:
report-ask = In die Datei { $file } schreiben? (j/n)
report-written = geschrieben: { $file }
report-exists = { $file } gibt es schon; nennen Sie eine andere Datei
report-unwritten = { $file } lässt sich nicht schreiben

tomorrow-none = bis morgen Nacht wird keine Konferenz eröffnet
tomorrow-reached = { $title }, { $time }: der Server { $server } wird erreicht
tomorrow-unreached = { $title }, { $time }: der Server { $server } wird nicht erreicht; `convene check --letter` schreibt an Ihre Administration
tomorrow-notice_title = Convene: eine Konferenz bis morgen
tomorrow-notice = Ihr Server wird aus diesem Netz gerade nicht erreicht. Was zu tun ist, sagt im Terminal: convene tomorrow
