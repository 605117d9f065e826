# Jeder Schlüssel steht in beiden Dateien und wird gebraucht: `cargo xtask tidy` vergleicht sie.

attempt = { $target }: { $code }, { $stage } ({ $word }). { $remedy }
inspected = TLS wird unterwegs aufgebrochen, von: { $name }
seen = Es nennt sich: { $name }.
seen-key = Sein Schlüssel (SHA-256): { $key }.
seen-page = Seine Seite: { $page }
held = Wenn ein Fenster der Firewall dieses Rechners fragt, antworten Sie mit Ja.

stage-dns = bei der Namensauflösung
stage-tcp = beim Verbindungsaufbau
stage-proxy = am Proxy
stage-tls = beim TLS-Handshake
stage-http = beim HTTP-Austausch
stage-hello = beim Warten auf die Begrüßung

code-name_not_found = der Name existiert nicht
code-dns_timed_out = kein Nameserver antwortete
code-dns_failed = der Name ließ sich nicht auflösen
code-refused = die Verbindung wurde abgelehnt
code-timed_out = niemand antwortete
code-unreachable = es gibt keinen Weg dorthin
code-forbidden = eine Firewall verbietet es, oder ein Router findet es nicht
code-reset = die Verbindung wurde abgebrochen
code-closed = die Verbindung wurde wortlos geschlossen
code-local_error = dieser Rechner hat kein Netz oder keine freie Verbindung
code-address_not_allowed = der Beitrittslink führt auf diesen Rechner oder in sein eigenes Netz, und die Konfiguration nennt diesen Server nicht
code-proxy_login_needed = der Proxy verlangt eine Anmeldung
code-proxy_login_rejected = der Proxy wies die Anmeldung zurück
code-proxy_scheme_unsupported = der Proxy bietet keine Anmeldung, die unterstützt wird
code-proxy_forbidden = der Proxy lässt es nicht durch
code-proxy_target_unreachable = der Proxy erreichte den Server nicht
code-socks_failed = der SOCKS-Proxy scheiterte und sagt nicht, woran
code-socks_forbidden = die Regeln des SOCKS-Proxys verbieten es
code-socks_network_unreachable = der SOCKS-Proxy hat keinen Weg in das Netz des Servers
code-socks_host_unreachable = der SOCKS-Proxy hat keinen Weg zum Server
code-socks_target_refused = der Server lehnte die Verbindung des SOCKS-Proxys ab
code-socks_ttl_expired = die Pakete des SOCKS-Proxys lebten nicht lange genug
code-socks_command_unsupported = der SOCKS-Proxy öffnet keine Verbindungen für andere
code-socks_address_unsupported = der SOCKS-Proxy kennt diese Art von Adresse nicht
code-pac_unreachable = die automatische Proxy-Konfiguration (PAC) ließ sich nicht abrufen
code-pac_failed = die automatische Proxy-Konfiguration (PAC) scheiterte
code-pac_not_run = dieser Rechner lässt die automatische Proxy-Konfiguration (PAC) nicht ausführen
code-pac_says_direct = die automatische Proxy-Konfiguration (PAC) nennt für diesen Server keinen Proxy
code-proxy_broken = was dort antwortet, ist kein Proxy
code-not_tls = was antwortet, spricht kein TLS
code-tls_failed = der TLS-Handshake misslang
code-tls_version = was antwortet, spricht nur alte Versionen von TLS
code-name_filtered = Verbindungen, die diesen Server nennen, werden abgeschnitten
code-clock_wrong = die Uhr dieses Rechners geht falsch
code-captive_portal = die Anmeldeseite des Netzes steht im Weg
code-response_held = ein Gerät unterwegs hält Antworten zurück
code-certificate_untrusted = dem Aussteller des Zertifikats wird auf diesem Rechner nicht vertraut
code-certificate_expired = das Zertifikat ist abgelaufen
code-certificate_not_yet_valid = das Zertifikat gilt noch nicht
code-certificate_weak = der Schlüssel oder die Unterschrift des Zertifikats ist zu schwach
code-certificate_wrong_purpose = das Zertifikat ist keines für Server
code-authority_expired = das Zertifikat der ausstellenden Stelle, wie dieser Rechner es hat, ist abgelaufen
code-certificate_wrong_name = das Zertifikat gilt für einen anderen Namen
code-fingerprint_mismatch = der Schlüssel des Servers ist nicht der, den der Beitrittslink nennt
code-inspection_refused = TLS wird unterwegs aufgebrochen, und die Richtlinie lehnt das ab
code-block_page = statt des Servers antwortete eine Sperrseite
code-http_refused = die Anfrage wurde abgelehnt
code-not_http = was antwortete, ist kein HTTP
code-no_hello = die Verbindung steht, aber die Begrüßung des Servers kam nicht
code-not_our_server = was antwortete, ist kein Convene-Server
code-version_unsupported = der Server und dieses Convene sprechen keine gemeinsame Version
code-server_busy = der Server bittet, später wiederzukommen

remedy-wait = Nichts zu tun: Convene versucht es weiter.
remedy-check_network = Prüfen Sie die Netzverbindung dieses Rechners.
remedy-check_server_name = Prüfen Sie den Servernamen im Beitrittslink.
remedy-allow_server = Bitten Sie die Administration, die Konferenzports oder Port 443 zu diesem Server freizugeben.
remedy-allow_server_in_proxy = Bitten Sie die Administration, diesen Server im Proxy freizugeben.
remedy-set_proxy_login = Geben Sie Benutzer und Kennwort des Proxys an: `convene join` fragt am Terminal danach. Für alle: user und password_file unter [proxy] in der Konfiguration.
remedy-check_proxy = Prüfen Sie die Adresse des Proxys: `convene proxy set URL` nennt eine andere. Für alle: url unter [proxy] in der Konfiguration.
remedy-check_clock = Prüfen Sie Datum und Uhrzeit dieses Rechners.
remedy-add_inspection_certificate = Wenn Ihr Netz TLS aufbricht, bitten Sie die Administration, dessen Zertifikat zu vertrauen (ca_file in der Konfiguration); sonst fragen Sie die Veranstalter.
remedy-ask_for_new_link = Bitten Sie die Veranstalter um einen neuen Beitrittslink.
remedy-update_program = Der Server ist von einer späteren Version: Aktualisieren Sie Convene so, wie es installiert wurde, oder bitten Sie die Administration dieses Rechners darum.
remedy-update_server = Der Server ist von einer früheren Version, und aktualisieren muss ihn, wer ihn betreibt: Fragen Sie die Veranstalter. Auf diesem Rechner ist nichts zu tun.
remedy-ask_operator = Fragen Sie die Veranstalter: Wer den Server betreibt, muss danach sehen. Auf diesem Rechner und im Netz ist nichts zu tun.
remedy-log_in_to_network = Öffnen Sie einen Browser und melden Sie sich im Netz an.
remedy-set_proxy = Geben Sie einen Proxy von Hand an: `convene proxy set URL`. Für alle: url unter [proxy] in der Konfiguration.
remedy-check_pac = Fragen Sie die Administration nach der automatischen Proxy-Konfiguration (PAC).

# Warum der Server nicht erreicht wird, und wer an der Reihe ist.
unreached-wait = Convene wartet auf den Server und macht von selbst weiter.
unreached-check_network = Das Netz dieses Rechners ist nicht in Ordnung. Sie können danach sehen: Kabel, WLAN, VPN.
unreached-check_server_name = Der Name des Servers ist nicht zu finden, oder es antwortet ein anderer Server darunter. Fragen Sie die, die den Beitrittslink geschickt haben, ob der Name darin stimmt.
unreached-allow_server = Das Netz lässt nichts zum Server durch. Die Administration Ihres Netzes kann das ändern.
unreached-allow_server_in_proxy = Der Proxy dieses Netzes lässt den Server nicht durch. Die Administration Ihres Netzes kann das ändern.
unreached-set_proxy_login = Der Proxy dieses Netzes will eine Anmeldung, die gilt. Sie können sie angeben.
unreached-check_proxy = Der genannte Proxy antwortet nicht als einer, und kein anderer Weg führt zum Server. Die Administration dieses Rechners kann danach sehen.
unreached-check_clock = Ein Zertifikat gilt jetzt nicht. Prüfen Sie zuerst Datum und Uhrzeit dieses Rechners; sind sie richtig, muss danach sehen, wer den Server betreibt.
unreached-add_inspection_certificate = Es antwortet ein Zertifikat, dem dieser Rechner nicht vertraut. Bricht Ihr Netz TLS auf, kann dessen Administration diesen Rechner ihm vertrauen lassen; sonst ist das Zertifikat des Servers für niemanden in Ordnung, und wer ihn betreibt, muss danach sehen.
unreached-ask_for_new_link = Der Beitrittslink führt nicht zu dem Server, der antwortet: Er ist vielleicht veraltet, oder etwas antwortet an der Stelle des Servers. Bitten Sie die, die ihn geschickt haben, um einen neuen.
unreached-update_program = Der Server ist von einer späteren Version. Convene auf diesem Rechner muss aktualisiert werden.
unreached-update_server = Der Server ist von einer früheren Version. Wer ihn betreibt, muss ihn aktualisieren.
unreached-log_in_to_network = Das Netz will, dass Sie sich zuerst in einem Browser anmelden.
unreached-set_proxy = Das Netz nennt keinen Proxy für den Server, und direkte Wege führen nicht dorthin. Die Administration Ihres Netzes kennt den Proxy.
unreached-check_pac = Die automatische Proxy-Konfiguration des Netzes ist nicht zu gebrauchen, und kein anderer Weg führt zum Server. Die Administration Ihres Netzes kann danach sehen.
unreached-ask_operator = Der Server antwortet nicht, wie er soll. Am Netz liegt es nicht: Wer den Server betreibt, muss danach sehen. Wer das ist, wissen die Menschen, die Sie eingeladen haben.
unreached-letter = `convene check --letter` schreibt, was die Administration wissen muss.

word-connected = verbunden
word-connecting = verbindet
word-blocked = blockiert: kein Weg führt zum Server; Convene versucht es weiter
word-offline = offline: dieser Rechner hat kein Netz
word-joined = beigetreten
word-not_here_now = gerade nicht da: der Server hat die Konferenz im Augenblick nicht; Convene versucht es weiter
word-not_all_here = was folgt, ist noch nicht hier: es wird vom Server geholt; versuchen Sie es später noch einmal, oder warten Sie mit --wait länger
word-joining = noch nicht beigetreten; Convene versucht es weiter
word-left = verlassen
word-forgotten = vergessen
word-refused = abgelehnt
word-accepted = angenommen
word-queued = eingereiht: es ist sicher und wird entschieden
word-contact = Fragen Sie:
word-no_seats = noch keine Konferenz; treten Sie mit `convene join` einer bei
word-no_daemon = Starten Sie ihn mit `convened --user` oder als Dienst mit `systemctl start convened`; --socket nennt einen anderen Ort.
word-no_daemon_windows = Starten Sie ihn mit `convened --user` oder als Administrator den Dienst mit `sc start convened`; --socket nennt eine andere Pipe.
word-command_unknown = das Kommando ist hier nicht bekannt
word-conference_ended = die Konferenz ist beendet
word-code_unknown = zu diesem Beitrittslink gehört keine Konferenz; bitten Sie die Veranstalter um einen neuen
word-conference_unknown = Sie haben keinen Platz in dieser Konferenz; `convene list` zeigt Ihre Plätze
word-proof_invalid = der Nachweis des Platzes gilt nicht; treten Sie mit dem Link erneut bei
word-seat_unknown = der Server kennt diesen Platz nicht; treten Sie mit dem Link erneut bei
word-name_taken = ein anderer Teilnehmer hat diesen Namen oder einen, der sich ebenso liest; wählen Sie einen anderen
word-conference_full = die Konferenz ist voll
word-conference_damaged = der Server kann diese Konferenz nicht lesen; bitten Sie die Betreiber des Servers, in sein Protokoll zu sehen
word-conference_deleted = die Konferenz wurde auf dem Server gelöscht; was Sie davon haben, bleibt lesbar
word-not_participant = das dürfen nur Teilnehmende
word-not_organizer = das dürfen nur Veranstalter
word-room_unknown = diesen Raum gibt es nicht
word-room_closed = dort dürfen Sie nicht sprechen
word-name_of_role = dieser Name liest sich wie der einer Rolle; wählen Sie einen anderen
word-not_open_yet = die Konferenz ist noch nicht eröffnet; bis dahin trifft man sich im Foyer
word-room_name_invalid = der Name eines Raumes ist eine Zeile von höchstens 60 Zeichen
word-room_name_taken = ein anderer Raum hat diesen Namen
word-too_many_rooms = die Konferenz hat so viele Räume, wie sie haben darf; schließen Sie zuerst einen
word-person_unknown = damit ist niemand anders in der Konferenz gemeint; „convene who“ zeigt alle
word-too_many_tables = es gibt so viele Tische, wie es geben darf; versuchen Sie es später wieder
word-table_full = an diesem Tisch ist kein Platz mehr
word-not_asked = Sie wurden nicht an einen solchen Tisch gebeten, oder es gibt ihn nicht mehr
word-table_ambiguous = Sie wurden an mehrere Tische gebeten; nennen Sie den, den Sie meinen
word-not_at_table = Sie sitzen an keinem Tisch
word-no_phase = gerade läuft keine Phase
word-minutes_invalid = möglich sind 1 bis 1.440 Minuten
word-too_many_organizers = die Konferenz hat so viele Veranstalter, wie sie haben darf
word-last_organizer = sonst leitete niemand die Konferenz; machen Sie zuerst jemand anderen zum Veranstalter
word-ballot_open = eine andere Abstimmung läuft; schließen Sie diese zuerst
word-ballot_invalid = eine Abstimmung ist eine Frage in einer Zeile und zwei bis zehn verschiedene Zeilen zur Wahl
word-too_many_ballots = die Konferenz hat so viele Abstimmungen, wie sie haben darf
word-no_ballot = diese Abstimmung gibt es nicht, oder es läuft keine
word-ballot_closed = die Abstimmung ist geschlossen
word-option_unknown = diese Antwort gibt es in der Abstimmung nicht
word-text_empty = die Nachricht ist leer
word-text_too_long = die Nachricht ist zu lang: höchstens 4.000 Zeichen
word-text_control = die Nachricht enthält Steuerzeichen
word-command_invalid = dem Befehl fehlt ein Feld, oder eines hat eine andere Form
word-conference_of_later_version = diese Konferenz braucht einen neueren Server; wer ihn betreibt, muss ihn aktualisieren
word-other_log = der Server zeigt ein anderes Protokoll dieser Konferenz, etwa nach einer anderswo eingespielten Sicherung; Convene fragt weiter nach dem, das Sie kennen, und `convene join --log LOG` wechselt zu dem anderen
word-seat_full = Convene behält von dieser Konferenz, oder von allen Ihren Konferenzen zusammen, so viel, wie es darf: Neues nimmt es nicht mehr an, und was Sie haben, bleibt lesbar; lassen Sie mit `convene forget` einige los, die Sie nicht mehr brauchen
word-key_replaced = der Schlüssel dieses Geräts wurde ersetzt; bitten Sie die Organisation um einen persönlichen Beitrittslink
word-removed = die Veranstalter haben Sie aus dieser Konferenz entfernt; was Sie davon haben, bleibt lesbar
word-code_replaced = dieser Beitrittslink wurde durch einen anderen ersetzt; bitten Sie die Veranstalter um den neuen
word-doors_locked = die Veranstalter haben die Türen geschlossen, und im Moment kommt niemand neu herein; fragen Sie sie
word-too_many_devices = Sie nehmen schon mit so vielen Geräten teil, wie es geht
word-too_many_links = in dieser Konferenz gibt es so viele persönliche Links, wie es geht
word-conference_full_of_data = die Konferenz enthält so viel Text, wie sie darf; alles außer dem Schreiben geht weiter
word-participant_full_of_data = Sie haben in dieser Konferenz so viel geschrieben, wie eine Person darf
word-log_changed = nachdem Sie das geschrieben haben, wurde eine Sicherung des Servers eingespielt, und es kann jetzt etwas anderes bedeuten; sehen Sie nach, und senden Sie es neu
word-entry_too_large = damit geschähe zu viel auf einmal; teilen Sie es auf
word-conference_ambiguous = zwei Server haben eine Konferenz dieses Namens; schreiben Sie KONFERENZ@SERVER
word-log_unknown = der Server zeigt dieses Protokoll nicht
word-lost = verloren: eine Sicherung des Servers wurde eingespielt, die das nicht enthält; senden Sie es noch einmal, wenn es noch gilt
word-reset = eine Sicherung des Servers wurde eingespielt: was zuletzt gezeigt wurde, gilt nicht mehr, und dies tritt an seine Stelle
word-id_reused = die Kommando-ID wurde schon für ein anderes Kommando verwendet; wählen Sie eine andere --id
word-other = aus einem Grund einer neueren Version abgelehnt; aktualisieren Sie Convene
word-parse_error = der Dienst konnte die Anfrage nicht lesen
word-invalid_request = der Dienst nimmt eine solche Anfrage nicht an
word-method_not_found = der Dienst kennt das nicht; aktualisieren Sie ihn
word-invalid_params = der Dienst nimmt diese Angaben nicht an
word-link_malformed = das ist kein Beitrittslink; kopieren Sie ihn ganz, er beginnt mit https:// und enthält /j/
word-name_invalid = unter diesem Namen kann niemand teilnehmen: ein Name ist eine Zeile von höchstens 60 Zeichen, die man sieht
word-outbox_full = zu viele Nachrichten warten auf den Server; warten Sie, bis er erreicht ist
word-command_too_large = das Kommando ist zu groß
word-draft_too_large = dieser Entwurf ist zu lang, oder Sie behalten zu viele; kürzen Sie ihn, oder senden oder verwerfen Sie einige
word-storage_failed = der Dienst kann nichts speichern: sein Datenträger ist voll oder gestört; nichts wurde angenommen
word-storage_full = der Datenträger ist voll: Convene kann nichts speichern und nimmt und empfängt darum nichts; schaffen Sie Platz, wo sein Zustandsverzeichnis liegt, dann geht es von selbst weiter
word-storage_broken = der Datenträger ist gestört: Convene kann nichts speichern und nimmt und empfängt darum nichts; das Protokoll des Dienstes sagt, warum, und sobald der Datenträger geht, geht es von selbst weiter
word-unsure = ob es gespeichert ist, ist nicht bekannt, weil der Datenträger des Dienstes gestört war; dasselbe darf noch einmal gesendet werden
word-still_joined = Sie nehmen an dieser Konferenz teil; verlassen Sie sie zuerst, mit `convene leave`
word-too_many_frontends = zu viele Ihrer Programme sind verbunden; schließen Sie einige
word-frontend_too_slow = der Dienst trennte dieses Programm, weil es nicht mitkam
word-too_many_seats = Sie nehmen an 64 Konferenzen auf diesem Server teil, oder behalten 256 andere, in denen noch etwas wartet; verlassen oder vergessen Sie einige, siehe `convene list`
word-not_privileged = das dürfen nur Administratoren; für sie geht:
word-state_directory = Zustandsverzeichnis:
word-socket = Socket:
word-configuration = Konfiguration:
word-formats = Formen (Speicher, Protokoll, API):
word-frontends = Verbundene Oberflächen:
word-users = Benutzer:
word-seats = Plätze:
word-waiting = Wartende Befehle:
word-starting = der Dienst wurde eben gestartet und ist noch nicht bereit; versuchen Sie es erneut
word-stopping = der Dienst wird beendet; versuchen Sie es erneut
word-command_malformed = das Kommando ist kein JSON-Objekt mit `kind`
word-configuration_invalid = die Konfiguration des Dienstes taugt nicht für diesen Server
word-proxy_malformed = dieser Proxy ist nicht verwendbar; schreiben Sie [SCHEMA://]RECHNER[:PORT] mit http, https, socks5 oder socks4a
word-fixed_by_policy = diese Einstellung hat die Administration dieses Rechners festgelegt
word-setting_invalid = diese Einstellung kann diesen Wert nicht haben
word-settings_changed = die Einstellungen wurden inzwischen geändert; sehen Sie sie noch einmal an
word-setting_unknown = eine solche Einstellung gibt es nicht; `convene settings get` zeigt alle
word-setting_secret_apart = lassen Sie das Passwort aus dem Befehl weg, den jeder auf diesem Rechner lesen kann: Sie werden danach gefragt
word-setting_value_missing = geben Sie den neuen Wert an, oder --unset
word-setting_taken_back = zurückgenommen
word-declined = es wurde keine Antwort gegeben
word-proxy_login_apart = lassen Sie die Anmeldung aus der Adresse weg, die jeder auf diesem Rechner lesen kann: Sie werden danach gefragt, wenn der Proxy eine will
word-proxy_set = gesetzt; er wird sofort versucht
word-proxy_forgotten = vergessen; es gelten die Proxys, die gefunden werden
word-proxy_not_used = behalten, aber nicht verwendet: über Proxys entscheidet allein die Konfiguration dieses Rechners
word-no_proxies = für die Server Ihrer Konferenzen ist kein Proxy bekannt; `convene proxy set` nennt einen
word-login_wanted = dieser Proxy verlangt eine Anmeldung (ohne Benutzer wird keine gegeben)
word-login_again = der Proxy hat die Anmeldung abgelehnt oder kann sie nicht annehmen; sie wird noch einmal erfragt (ohne Benutzer wird keine gegeben)
word-join_link = Beitrittslink (einfügen, dann Eingabetaste):
word-join_name = Ihr Name:
word-join_name_missing = nennen Sie mit --name den Namen, unter dem Sie teilnehmen
word-login_user = Benutzer:
word-login_password = Passwort (wird nicht angezeigt):

# A part of the letter, and of the page for administrators.
request =
    Es braucht eines von diesen, das Beste zuerst; alle Verbindungen gehen hinaus, sind vom ersten Byte an TLS und werden vom Dienst "convened" geöffnet:

    - TCP zu { $server }, Ports { $ports }
    - TCP zu { $server }, Port { $https } (TLS, dann HTTP/1.1, mit WebSocket, wo es durchkommt)
    - einen Proxy, der CONNECT zu { $server }:{ $https } erlaubt

    Wo TLS aufgebrochen wird, nehmen Sie bitte { $server } davon aus, oder nehmen Sie das Zertifikat des Geräts in den Zertifikatsspeicher dieses Rechners auf.

letter-to = An: { $contact }
letter-subject = Betreff: Zugang zum Konferenzserver { $server }
letter-tried = Das wurde von diesem Rechner aus versucht, zuletzt am { $time }:
letter-line = - { $target }: { $code } ({ $stage }, { $ms } ms)
letter-machine = Rechner: { $machine }
letter-version = Programm: Convene { $version }
letter-end =
    Fragen zum Server beantworten die, die zu der Konferenz einladen.

    Mit freundlichen Grüßen
letter-update_program =
    Sehr geehrte Administration,

    das Konferenzprogramm Convene auf diesem Rechner erreicht seinen Server { $server }, aber die beiden sprechen keine gemeinsame Version: Der Server ist von einer späteren.

    Bitte aktualisieren Sie Convene auf diesem Rechner, und starten Sie danach den Dienst "convened" neu. Im Netz ist nichts zu tun.

letter-add_inspection_certificate =
    Sehr geehrte Administration,

    das Konferenzprogramm Convene auf diesem Rechner will seinen Server { $server } erreichen, Port { $https } und Ports { $ports }. Dort antwortet ein Zertifikat, dem dieser Rechner nicht vertraut.

    Bricht Ihr Netz TLS auf, nehmen Sie bitte { $server } davon aus, oder nehmen Sie das Zertifikat des Geräts in den Zertifikatsspeicher dieses Rechners auf. Ein Port muss dafür nicht geöffnet werden.
    Bricht es TLS nicht auf, sagen Sie es bitte denen, die zu der Konferenz einladen: Dann ist das Zertifikat des Servers nicht in Ordnung.

letter =
    Sehr geehrte Administration,

    auf diesem Rechner will man mit dem Programm Convene, das nur Text überträgt, an einer Konferenz teilnehmen. Es erreicht aus diesem Netz seinen Server { $server } nicht.

    { request }

    Zu diesem Rechner hin muss nichts geöffnet werden: Alle Verbindungen gehen hinaus, und nur zu diesem Server.
word-conference_missing = Sie haben Plätze in mehreren Konferenzen: nennen Sie die gemeinte hinter dem ersten Wort des Befehls, mit ihrem Titel oder so, wie `convene list` sie nennt
word-no_conference = Sie nehmen an keiner Konferenz teil; treten Sie zuerst einer bei, siehe convene join --help
word-room_not_found = diesen Raum oder Tisch gibt es nicht; „convene rooms“ zeigt, welche es gibt
word-words_missing = der Befehl ist nicht vollständig, oder es steht zu viel dahinter; siehe --help

# Die Seite, die ein Beitrittslink im Browser zeigt. Zwischen ` steht, was jemand eintippt.
invitation-window = Einladung: { $title }
invitation-kind = Einladung zu einer Konferenz
invitation-languages = Sprache
invitation-other_language = English
invitation-begins = Beginn
invitation-moment = { $day }. { month } { $year }, { $time } Uhr (UTC)
invitation-begun = schon eröffnet; kommen Sie, wann Sie möchten
invitation-by = Eingeladen von
invitation-over = Diese Konferenz ist zu Ende. Wer teilgenommen hat, kann in Convene alles nachlesen.
invitation-machines = Convene läuft auf Rechnern mit Linux oder Windows, nicht auf Telefonen, Tablets und Macs: Öffnen Sie diesen Link bitte auf einem solchen Rechner.
invitation-take_part = Teilnehmen
invitation-open = In Convene öffnen
invitation-open_how = Convene fragt nach Ihrem Namen, bevor Sie beitreten. Geschieht nichts, ist Convene auf diesem Rechner noch nicht installiert; ist es das, öffnen Sie es im Startmenü, und fügen Sie dort den Beitrittslink ein.
invitation-open_unscripted = Ohne JavaScript kann diese Seite Convene nicht öffnen: Kopieren Sie den ganzen Link aus Ihrer Einladung, und fügen Sie ihn in Convene ein.
invitation-install = Convene installieren
invitation-install_linux = Convene für Linux
invitation-install_windows = Convene für Windows
invitation-install_ask = Fragen Sie Ihre IT-Abteilung oder die Menschen, die Sie eingeladen haben, wie Convene auf diesen Rechner kommt.
invitation-link = Beitrittslink
invitation-link_care = Damit kann jeder teilnehmen, der ihn hat: Geben Sie ihn nur an Eingeladene weiter.
invitation-link_unscripted = Ohne JavaScript kennt diese Seite den Teil des Links nicht, der hinter dem Zeichen # steht. Hat Ihr Link einen solchen Teil, kopieren Sie ihn ganz aus Ihrer Einladung.
invitation-terminal = Im Terminal
invitation-terminal_how = Der Befehl fragt nach dem Link und nach Ihrem Namen. Schreiben Sie den Link nicht hinter den Befehl: Dort könnten andere Benutzer dieses Rechners ihn lesen.
invitation-check = Zugang vorher prüfen
invitation-check_how = Treten Sie schon einige Tage vor dem Beginn bei. In Convene zeigt dann „Zugang prüfen“, ob Ihr Netz es durchlässt, und schreibt sonst den Brief an Ihre IT-Abteilung. Im Terminal tun das `convene check` und `convene check --letter`.
invitation-copy_link = Link kopieren
invitation-copy_command = Befehl kopieren
invitation-copied = Kopiert
invitation-unknown = Dieser Link führt zu keiner Konferenz
invitation-unknown_how = Vielleicht wurde er nicht ganz kopiert, oder die Konferenz wurde gelöscht. Bitten Sie die Menschen, die Sie eingeladen haben, um den Link.
invitation-none = Hier ist ein Konferenzserver
invitation-none_how = Zum Teilnehmen brauchen Sie einen Beitrittslink. Öffnen Sie ihn im Browser, oder fügen Sie ihn in Convene ein.

# Wo jemand ist; $count ist der Monat.
clock-today = { $time }
clock-yesterday = gestern { $time }
clock-tomorrow = morgen { $time }
clock-day = { $day }. { month }, { $time }
clock-year = { $day }. { month } { $year }, { $time }
month = { $count ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}

setting-line = { $key } = { $value } ({ $from })
setting-own = { $key } = { $value }
setting-hidden = verdeckt { $value } ({ $from })
setting-place = { $kind }: { $place }
setting-none = nicht gesetzt
setting-secret = gesetzt und nicht gezeigt
setting-from-default = Voreinstellung
setting-from-system = System
setting-from-file = Konfiguration
setting-from-drop_in = Drop-in
setting-from-installer = Installation
setting-from-api = von einem Frontend gesetzt
setting-from-policy = Richtlinie

room-plenary = Plenum
room-foyer = Foyer
room-news = Nachrichtenwand
room-organizers = Hinterzimmer der Veranstalter
room-table = Tisch { $number }
room-people = { $count ->
    [0] niemand
    [one] eine Person
   *[other] { $count } Personen
}
you = Sie
is-online = online
is-organizer = Veranstalter

table-sit = { $room }: { $people }
table-asked = { $person } bittet Sie an { $room }
table-none = niemand sitzt an einem Tisch

phase-opening = Eröffnung
phase-topics = Themen
phase-marketplace = Marktplatz
phase-workshops = Workshops
phase-break = Pause
phase-news = Nachrichten
phase-summaries = Zusammenfassungen
phase-weighting = Gewichtung
phase-next_steps = nächste Schritte
phase-closing = Abschlussrunde
phase-documentation = Dokumentation
phase-round = { $phase } { $round } von { $rounds }
phase-planned = { $phase }: ab { $begins }, { $minutes } Min.
phase-moved = (geplant: { $planned })
phase-runs = { $phase }: seit { $began }, bis { $ends }, noch { $left } Min.
phase-over = { $phase }: { $began } bis { $ends }
phase-none = diese Konferenz hat keine Phasen
phase-opens = die Konferenz wird eröffnet: { $time }

list-phase = jetzt: { $phase }, bis { $ends }
list-room = Sie sind hier: { $room }
list-asked = Sie sind an { $room } gebeten
list-ballot = bitte stimmen Sie ab: { $question }
list-voted = Sie haben abgestimmt: { $question }

ballot-open = offen; { $count ->
    [0] niemand hat abgestimmt
    [one] eine Stimme ist abgegeben
   *[other] { $count } Stimmen sind abgegeben
}
ballot-over = geschlossen; { $count ->
    [0] niemand hat abgestimmt
    [one] eine Stimme wurde abgegeben
   *[other] { $count } Stimmen wurden abgegeben
}
ballot-yours = Ihre Stimme
ballot-none = es gab noch keine Abstimmung

access-begun = { $server }: jeder Weg wird versucht; die Konferenzports sind { $ports }
access-mark-good = ✓
access-mark-warned = !
access-mark-failed = ✗
access-mark-skipped = –
access-name-good = der Name des Servers ist bekannt: { $target }
access-name-warned = der Name des Servers ist nicht immer bekannt: { $target }
access-name-failed = der Name des Servers ist hier nicht bekannt: { $target }
access-name-skipped = der Name des Servers wurde nicht aufgelöst: { $target }
access-port-good = der Konferenzport { $target } ist offen
access-port-warned = der Konferenzport { $target } ist offen, der schnellste Weg zu reden ist dort aber gesperrt
access-port-failed = der Konferenzport { $target } ist zu
access-port-skipped = der Konferenzport { $target } wurde nicht versucht
access-https-good = HTTPS zu { $target } ist offen
access-https-warned = HTTPS zu { $target } ist offen, der schnellste Weg zu reden ist dort aber gesperrt
access-https-failed = HTTPS zu { $target } ist zu
access-https-skipped = HTTPS zu { $target } wurde nicht versucht
access-proxy-good = der Proxy { $target } funktioniert (genannt von: { $place })
access-proxy-warned = der Proxy { $target } funktioniert, aber nicht auf die beste Weise (genannt von: { $place })
access-proxy-failed = der Proxy { $target } führt nicht zum Server (genannt von: { $place })
access-proxy-skipped = es gibt keinen Proxy zu versuchen
access-portal-good = keine Anmeldeseite des Netzes steht im Weg
access-portal-warned = das Netz zeigt eine Anmeldeseite, der Server wird trotzdem erreicht
access-portal-failed = die Anmeldeseite des Netzes steht im Weg
access-portal-skipped = ob das Netz eine Anmeldeseite hat, ist nicht bekannt
access-inspection-good = niemand bricht TLS unterwegs auf, soweit es zu sehen ist oder gesagt werden soll
access-inspection-warned = TLS wird unterwegs aufgebrochen, von: { $name }
access-inspection-failed = TLS wird unterwegs aufgebrochen, und so wird der Server nicht erreicht; von: { $name }
access-inspection-skipped = ob TLS unterwegs aufgebrochen wird, ist nicht bekannt
access-clock-good = die Uhr dieses Rechners geht richtig
access-clock-warned = die Uhr dieses Rechners geht { $seconds } s { $clock ->
    [behind] nach
   *[other] vor
}
access-clock-failed = die Uhr dieses Rechners geht falsch, und so wird dem Server nicht vertraut
access-clock-skipped = ob die Uhr dieses Rechners richtig geht, ist nicht bekannt
access-version-good = Convene hier und der Server sprechen eine gemeinsame Version
access-version-warned = Convene hier und ein Teil des Servers sprechen keine gemeinsame Version
access-version-failed = Convene hier und der Server sprechen keine gemeinsame Version
access-version-skipped = ob Convene hier und der Server eine gemeinsame Version sprechen, ist nicht bekannt
access-logins = Er bietet diese Anmeldungen an: { $logins }
access-place-user = Ihnen, von Hand
access-place-file = der Konfiguration
access-place-environment = der Umgebung
access-place-gnome = GNOME
access-place-kde = KDE
access-place-windows = Windows
access-place-script = der automatischen Proxy-Konfiguration (PAC)
access-place-wpad = dem Netz (WPAD)
access-place-winhttp = Windows, für alle
access-place-policy = der Richtlinie Ihres Unternehmens
access-unfinished = { $server }: die Prüfung ist noch nicht zu Ende; warten Sie länger mit --wait
access-verdict-green = { $server }: grün. Der Server wird erreicht, und nichts steht im Weg.
access-verdict-yellow = { $server }: gelb. Der Server wird erreicht; was oben angemerkt ist, kann besser werden.
access-verdict-red = { $server }: rot. Der Server wird nicht erreicht.
access-verdict-other = { $server }: Convene ist hier älter als sein Dienst und kennt dieses Ergebnis nicht; aktualisieren Sie es. Was oben steht, gilt trotzdem.
access-who-wait = Niemand muss etwas tun.
access-who-check_network = Das können Sie selbst tun.
access-who-check_server_name = Das können Sie selbst tun, oder wer den Link geschickt hat.
access-who-allow_server = Das kann die Administration Ihres Netzes tun.
access-who-allow_server_in_proxy = Das kann die Administration Ihres Netzes tun.
access-who-set_proxy_login = Das können Sie selbst tun, oder für alle Benutzer die Administration dieses Rechners.
access-who-check_proxy = Das können Sie selbst tun, oder für alle Benutzer die Administration dieses Rechners.
access-who-check_clock = Das können Sie selbst tun, oder die Administration dieses Rechners.
access-who-add_inspection_certificate = Das kann die Administration dieses Rechners tun.
access-who-ask_for_new_link = Das können die Veranstalter tun.
access-who-update_program = Das können Sie selbst tun, oder die Administration dieses Rechners.
access-who-update_server = Das kann tun, wer den Server betreibt.
access-who-ask_operator = Das kann tun, wer den Server betreibt.
access-who-log_in_to_network = Das können Sie selbst tun.
access-who-set_proxy = Das können Sie selbst tun, oder für alle Benutzer die Administration dieses Rechners.
access-who-check_pac = Das kann die Administration Ihres Netzes tun.
access-green = grün
access-yellow = gelb
access-red = rot
access-other = ein Ergebnis einer späteren Version

web-opened = Convene ist in Ihrem Browser geöffnet.
web-address = Öffnen Sie diese Adresse innerhalb von 30 Sekunden in Ihrem Browser: { $url }
web-failed = Die Seite von Convene ließ sich nicht öffnen: { $reason }
web-no_place = kein Ordner gehört Ihnen allein; setzen Sie XDG_RUNTIME_DIR oder HOME
web-no_socket = wo der Link als Argument steht, darf --socket nicht stehen; mit --join - kommt er von der Standardeingabe
web-no_page = Dieses Convene wurde ohne seine Seite gebaut. Bitte installieren Sie ein Paket, oder bauen Sie sie mit "cargo xtask page".

event-opened = die Konferenz: { $title }
event-joined = { $person } nimmt teil
event-left = { $person } verlässt die Konferenz
event-removed = { $by } entfernt { $person } aus der Konferenz
event-said = { $person } ({ $room }): { $text }
event-ended = die Konferenz ist zu Ende
event-renamed = { $before } heißt jetzt { $person }
event-role_changed = { $role ->
    [organizer] { $person } gehört jetzt zu den Veranstaltern
   *[other] { $person } gehört nicht mehr zu den Veranstaltern
}
event-codes_told = als Veranstalter können Sie einladen: `convene tui` und `convene web` zeigen die Beitrittslinks
event-codes_replaced = es gibt neue Beitrittslinks; mit den früheren kommt niemand herein
event-link_told = Sie haben einen persönlichen Link
event-doors_locked = die Türen sind geschlossen: niemand kommt neu herein
event-doors_opened = die Türen sind wieder offen
event-filled = { $count ->
    [0] die Konferenz hat wieder Platz
    [100] die Konferenz enthält so viel Text, wie sie darf
   *[other] die Konferenz enthält { $count } % des Textes, den sie enthalten darf
}
event-went = { $person } geht nach: { $room }
event-room_added = ein neuer Raum: { $room }
event-room_closed = ein Raum ist geschlossen: { $room }
event-asked_to_table = { $person } bittet { $people } an { $room }
event-table_declined = { $person } kommt nicht an { $room }
event-sat_down = { $person } setzt sich an { $room }
event-stood_up = { $person } steht vom Tisch auf
event-scheduled = die Konferenz wird eröffnet: { $time }
event-began = die Konferenz ist eröffnet
event-phase_began = beginnt: { $phase }, bis { $time }
event-phase_ended = ist zu Ende: { $phase }
event-phase_moved = hat ein neues Ende: { $phase }, bis { $time }
event-ballot_opened = eine Abstimmung ist offen: { $question }
event-voted = Sie stimmen: { $option }
event-turnout = Stimmen bisher: { $count }
event-ballot_closed = eine Abstimmung ist geschlossen: { $question } { $result }
event-access_told = die Veranstalter wissen, wie { $person } den Server erreicht: { $verdict }
event-accesses_told = als Veranstalter wissen Sie, wie { $count ->
    [one] ein anderer Mensch den Server erreicht
   *[other] { $count } andere den Server erreichen
}
event-unknown = etwas, das diese Version nicht kennt ({ $kind })

# The terminal. What it says beside this stands among the sentences of the page.
tui-no-terminal = convene-tui braucht ein Terminal, aus dem es liest und in das es schreibt. In einer Pipe dient der Befehl „convene“.
tui-quit = Beenden
tui-quit-unsent = Convene antwortet auf diesem Rechner gerade nicht. Was Sie noch nicht gesendet haben, geht verloren, wenn Sie jetzt beenden.
tui-joining-goes-on = Der Server ist noch nicht erreicht. Convene versucht es weiter, auch wenn Sie dieses Programm beenden.
tui-trouble-no_daemon-linux = Starten Sie ihn mit „systemctl start convened“, oder bitten Sie Ihre Administration darum.
tui-trouble-no_daemon-windows = Starten Sie den Dienst „convened“ in den Diensten von Windows, oder bitten Sie Ihre Administration darum.
tui-trouble-again = Es wird immer wieder versucht und geht dann von selbst weiter.
tui-saved-as = Gespeichert: { $path }
tui-not-saved = Nicht gespeichert: { $reason }
tui-answer = F2: antworten
tui-ask-hint = Namen, mit Komma getrennt. Tab ergänzt sie.
tui-nobody = Niemand oder mehr als eine Person ist gemeint: { $person }
tui-not-invited = Sie sind an keinen Tisch gebeten.
tui-no-command = Diesen Befehl gibt es nicht. /help zeigt alle.
tui-status-help = F1 Hilfe
tui-composer-keys = Enter sendet, Alt+Enter bricht um, @ nennt jemanden, / beginnt einen Befehl
tui-places-keys = ↑↓ wählt, Enter geht hin, Tab weiter
tui-talk-keys = ↑↓ wählt, Enter zeigt, was damit geht, Bild↑↓ blättert, Esc schreibt
tui-sheet-keys = ↑↓ wählt, Enter tut es, Esc zurück, Tab zu den Orten
tui-trouble-keys = ↑↓ wählt, Enter tut es
tui-form-keys = Tab ins nächste Feld, Enter weiter, Esc zurück
tui-help = Tasten (↑↓ blättert, Esc schließt)
tui-help-end = Esc schließt die Hilfe.
tui-commands = Befehle
tui-cap-tab = Tab
tui-cap-enter = Enter
tui-cap-line = Alt+Enter, Strg+J
tui-cap-answer = F2
tui-cap-choose = ↑ ↓
tui-cap-page = Bild↑ Bild↓
tui-cap-end = Ende
tui-cap-back = Esc
tui-cap-mention = @
tui-cap-help = ? F1
tui-cap-suspend = Strg+Z
tui-cap-quit = Strg+C
tui-key-tab = ergänzt, was getippt ist, oder geht weiter
tui-key-enter = sendet, öffnet, bestätigt
tui-key-line = neue Zeile
tui-key-answer = antwortet auf das, was über dem Gespräch steht
tui-key-choose = wählt
tui-key-page = blättert im Gespräch
tui-key-end = geht ans Ende des Gesprächs
tui-key-back = zurück
tui-key-mention = nennt jemanden; Tab ergänzt den Namen
tui-key-help = diese Hilfe
tui-key-suspend = hält an, bis die Shell weitermachen lässt
tui-key-quit = beendet
tui-command-go = in einen Raum gehen: /go Foyer
tui-command-table = an einen Tisch bitten: /table Anna, Bernd; auch accept, decline, leave
tui-command-who = wer teilnimmt und wo
tui-command-vote = abstimmen: /vote 2
tui-command-ballot = die Abstimmung
tui-command-schedule = der Zeitplan
tui-command-organize = einladen, Räume, Rollen, das Ende
tui-command-check = den Zugang prüfen
tui-command-rename = den Namen ändern: /rename Anna B.
tui-command-room = einen Raum hinzufügen: /room Werkstatt
tui-command-conferences = alle Konferenzen
tui-command-join = einer Konferenz beitreten
tui-command-settings = Sprache und Proxys
tui-command-language = die Sprache: /language de oder en
tui-command-mouse = die Maus ein- und ausschalten
tui-command-retry = sofort neu verbinden
tui-command-help = Tasten und Befehle
tui-command-leave = die Konferenz verlassen
tui-command-quit = beenden
tui-today = heute
tui-yesterday = gestern
tui-day = { $day }. { month }
tui-day-of-year = { $day }. { month } { $year }

# The page in the browser. A key that ends like one without `page-` says the same without the
# command line.
page-connected = Verbunden
page-connecting = Verbindung wird gesucht …
page-connecting-tried = Verbindung wird gesucht … zuletzt versucht: { $target }
page-blocked = Der Server wird nicht erreicht. Convene versucht es weiter.
page-offline = Offline: Dieser Rechner hat kein Netz. Convene versucht es weiter.
page-login-page = Offline: Die Anmeldeseite Ihres Netzes ist im Weg.
page-clock-wrong = Nicht verbunden: Die Uhr dieses Rechners geht falsch.
page-version = Nicht verbunden: Server und Convene sprechen keine gemeinsame Version.
page-disk-full = Der Datenträger ist voll: Nichts wird gesendet oder empfangen.
page-disk-broken = Der Datenträger ist gestört: Nichts wird gesendet oder empfangen.
page-no-service = Convene antwortet auf diesem Rechner nicht. Es wird weiter versucht.
page-unknown = Die Verbindung wird vorbereitet …
page-way-direct = Auf geradem Weg: { $target }
page-way-https = Über den Weg, den auch Webseiten nehmen: { $target }
page-way-proxy = Über den Proxy { $proxy }: { $target }
page-attempt = { $code } ({ $stage }).
page-open-login-page = Anmeldeseite öffnen
page-try-now = Jetzt versuchen
page-try-again = Noch einmal versuchen
page-tried = Was versucht wurde

page-navigation = Ansichten
page-skip-to-content = Zum Inhalt springen
page-language = Sprache
page-conferences = Konferenzen
page-conference = Konferenz
page-all-conferences = Alle Konferenzen
page-no-conferences = Sie nehmen noch an keiner Konferenz teil. Treten Sie mit dem Link aus Ihrer Einladung bei.
page-loading = Einen Augenblick …
page-open = Öffnen
page-open-of = { $title } öffnen
page-news = Neu
page-remove = Entfernen
page-remove-title = { $title } entfernen?
page-remove-text = Was Sie von dieser Konferenz haben, wird von diesem Rechner gelöscht. Auf dem Server ändert sich nichts.
page-turn = Zum anderen Protokoll wechseln
page-turn-text = Was Sie von dieser Konferenz bisher haben, wird beiseitegelegt; was auf den Server wartet, geht mit. Dazu braucht Convene den Beitrittslink dieser Konferenz noch einmal.
page-as = als { $person }
page-you-left = Sie haben diese Konferenz verlassen. Was Sie davon haben, bleibt lesbar.
page-you-were-removed = Die Veranstalter haben Sie aus dieser Konferenz entfernt. Was Sie davon haben, bleibt lesbar.
page-nearly-full = Die Konferenz enthält { $count } % des Textes, den sie enthalten darf. Wer den Server betreibt, kann mehr zulassen; ist sie voll, kann niemand mehr schreiben.
page-full = Die Konferenz enthält so viel Text, wie sie darf. Niemand kann mehr schreiben; alles andere geht weiter.
page-you-are-asked = Sie sind an einen Tisch gebeten.
page-over = Die Konferenz ist zu Ende.
page-ended = Die Konferenz ist zu Ende. Alles bleibt lesbar.
page-opens = Die Konferenz wird eröffnet: { $time } Uhr. Bis dahin trifft man sich im Foyer.

page-join-title = Einer Konferenz beitreten
page-join-text = Fügen Sie den Beitrittslink ein, oder die ganze E-Mail, in der er steht. Ein Konto brauchen Sie nicht.
page-join-another = Beitreten
page-join = Beitreten
page-join-link = Beitrittslink oder Einladung
page-joining = Sie treten bei. Convene sucht einen Weg zum Server …
page-joining-goes-on = Der Server ist noch nicht erreicht. Convene versucht es weiter, auch wenn Sie diese Seite schließen.
page-link-hint = Er beginnt mit https:// und enthält /j/.
page-link-found = Link gefunden: { $server }
page-link-empty = Fügen Sie den Beitrittslink ein.
page-link-none = Darin steht kein Link. Ein Beitrittslink beginnt mit https:// und enthält /j/.
page-link-path = Darin steht ein Link, aber kein Beitrittslink. Ein Beitrittslink beginnt mit https:// und enthält /j/.
page-link-length = Der Link ist zu lang für einen Beitrittslink. Kopieren Sie ihn ganz, und nichts dahinter.
page-link-scheme = Ein Beitrittslink beginnt mit https://, und dieser nicht. Fragen Sie nach dem richtigen, wenn er so verschickt wurde.
page-link-host = Der Name des Servers im Beitrittslink kann nicht stimmen. Kopieren Sie den Link noch einmal ganz.
page-link-port = Der Port im Beitrittslink, hinter dem Namen des Servers, ist keine Zahl von 1 bis 65535. Kopieren Sie den Link noch einmal ganz.
page-link-code = Der Code im Beitrittslink, hinter /j/, ist nicht vollständig. Kopieren Sie den Link ganz.
page-link-fingerprint = Der Fingerabdruck im Beitrittslink, hinter fp=, ist nicht vollständig. Kopieren Sie den Link ganz.
page-link-ports = Die Ports im Beitrittslink, hinter ports=, können nicht stimmen. Kopieren Sie den Link ganz.
page-link-elsewhere = Dieser Link führt zu einem anderen Server. Fügen Sie den dieser Konferenz ein.
page-your-name = Ihr Name in der Konferenz
page-name = Name
page-name-hint = Diesen Namen sehen die anderen.
page-name-empty = Geben Sie einen Namen an.
page-name-long = Ein Name hat höchstens 60 Zeichen.
page-name-control = Dieser Name enthält Zeichen, die man nicht sieht.

page-places = Orte
page-columns = Spalten
page-tab-places = Orte
page-tab-talk = Gespräch
page-tab-people = Leute
page-cafe = Café
page-new-table = Tisch
page-place-gone = ein Ort, den es nicht mehr gibt
page-you-are-here = Sie sind hier
page-invited = eingeladen
page-unread = { $count ->
    [one] eine ungelesene Nachricht
   *[other] { $count } ungelesene Nachrichten
}
page-unread-somewhere = Anderswo gibt es ungelesene Nachrichten
page-people-here = { $count ->
    [0] niemand da
    [one] eine Person da
   *[other] { $count } Personen da
}
page-ballot-awaits = Ihre Stimme fehlt noch
page-schedule = Zeitplan
page-ballot = Abstimmung
page-organize = Leitung
page-check = Zugang prüfen
page-settings = Einstellungen

page-talk-in = Gespräch: { $room }
page-talk-begins = Hier beginnt das Gespräch.
page-talk-empty = Hier wurde noch nichts gesagt.
page-earlier = Frühere Nachrichten
page-earlier-loading = Frühere Nachrichten werden geholt …
page-earlier-failed = Frühere Nachrichten sind gerade nicht zu haben.
page-new-messages = { $count ->
    [one] Eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
page-people = { $count ->
    [one] einer Person
   *[other] { $count } Personen
}
page-announce-one = { $person }: { $text }
page-announce-many = { $messages } von { $people }
page-to-end = Zum Ende
page-facilitator = Moderation
page-notice-began = Die Konferenz ist eröffnet. Willkommen im Plenum.
page-notice-phase-began = Es beginnt: { $phase }, bis { $time } Uhr.
page-notice-phase-ended = { $phase } ist zu Ende.
page-notice-phase-moved = { $phase }: Ende jetzt um { $time } Uhr.
page-notice-room-added = Ein neuer Raum: { $room }.
page-notice-room-closed = Ein Raum wurde geschlossen. Wer dort war, ist jetzt im Plenum.
page-notice-ballot-opened = Eine Abstimmung ist offen: { $question }
page-notice-ballot-closed = Die Abstimmung ist geschlossen: { $question } Das Ergebnis steht unter „Abstimmung“.
page-to-ballot = Zur Abstimmung
page-notice-ended = Die Konferenz ist zu Ende. Danke, dass Sie da waren.
page-sent = gesendet
page-waiting = wartet
page-refused = nicht angenommen
page-lost = verloren
page-lost-why = Der Server wurde auf eine Sicherung zurückgesetzt, die das nicht enthält.
page-unsure = ungewiss
page-unsure-why = Der Datenträger dieses Rechners war gestört. Ob das gespeichert ist, ist nicht bekannt; noch einmal zu senden verdoppelt nichts.
page-waiting-count = { $count ->
    [one] Eine Sache wartet auf den Server.
   *[other] { $count } Sachen warten auf den Server.
}
page-reply = Antworten
page-edit = Bearbeiten
page-discard = Verwerfen
page-send-again = Noch einmal senden
page-message-to = Nachricht an alle hier: { $room }
page-message-to-plenary = Nachricht an alle im Plenum
page-message-to-foyer = Nachricht an alle im Foyer
page-message-to-organizers = Nachricht an die Veranstalter
page-message-to-table = Nachricht an alle an diesem Tisch
page-send = Senden
page-composer-keys = Enter sendet, Umschalt+Enter bricht um, @ nennt jemanden
page-characters-left = { $count ->
    [one] Noch ein Zeichen
   *[other] Noch { $count } Zeichen
}
page-too-long = { $count ->
    [one] Ein Zeichen zu viel
   *[other] { $count } Zeichen zu viel
}
page-other-draft = In einem anderen Fenster haben Sie inzwischen dies geschrieben:
page-take-other = Das andere nehmen
page-keep-mine = Das hier behalten

page-you-stand = Sie sind: { $room }
page-go-here = Hierher gehen
page-go-there = Dorthin gehen
page-stand-up = Aufstehen
page-stand-up-and-go = Vom Tisch aufstehen und hierher gehen
page-sit-down = Hinsetzen
page-not-now = Jetzt nicht
page-invitation = Bitte an einen Tisch
page-ask-more = Jemanden dazu bitten
page-ask-title = An einen Tisch bitten
page-ask-text = An einem Tisch sitzen zwei bis acht Personen. Was dort gesagt wird, hört sonst niemand, und es wird nicht dokumentiert.
page-ask = Bitten
page-ask-to-table = An einen Tisch bitten
page-table-full-hint = Mehr Personen passen nicht an einen Tisch.

page-people-title = Leute
page-here = Hier ({ $count })
page-elsewhere = Woanders ({ $count })
page-offline-people = Nicht verbunden ({ $count })
page-presence-unknown = Wer gerade verbunden ist, ist nicht bekannt, solange dieser Rechner nicht verbunden ist.
page-find-people = Namen suchen
page-nobody-found = Niemand gefunden.
page-more-by-typing = Weitere finden Sie, indem Sie einen Namen eingeben.
page-show-more = Mehr anzeigen
page-is-with-you = Diese Person ist bei Ihnen.
page-is-at-table = Diese Person sitzt an einem Tisch. Dorthin kommt man, wenn man gebeten wird.
page-is-offline = Diese Person ist gerade nicht verbunden.
page-organizer = Veranstalter
page-participant = Teilnehmer

page-rename = Namen ändern
page-leave = Konferenz verlassen
page-leave-text = Sie nehmen dann nicht mehr teil. Was Sie bis dahin haben, bleibt auf diesem Rechner lesbar; mit dem Beitrittslink können Sie wiederkommen.
page-save = Speichern
page-saved = Gespeichert
page-cancel = Abbrechen
page-close = Schließen
page-type-word = Geben Sie zur Bestätigung ein: { $word }

page-left-minutes = { $count ->
    [one] noch eine Minute
   *[other] noch { $count } min
}
page-left-seconds = { $count ->
    [0] gleich zu Ende
    [one] noch eine Sekunde
   *[other] noch { $count } s
}
page-phase-over = vorbei
page-phase-running = läuft
page-phase-coming = kommt
page-planned = geplant
page-actual = tatsächlich
page-expected = voraussichtlich
page-length = Dauer
page-minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
page-span = { $begins } bis { $ends }
page-times-yours = Alle Zeiten gelten in Ihrer Zeitzone.
page-move-phase = Phase ändern
page-extend = +{ $count } Minuten
page-shorten = −{ $count } Minuten
page-skip = Weiter zur nächsten Phase
page-move-text = „{ $phase }“ endet dann um { $ends } statt um { $before } Uhr. Alles danach verschiebt sich mit, und alle erfahren es.
page-skip-text = „{ $phase }“ endet jetzt, und es beginnt: { $next }. Wer gerade schreibt, behält den Text. Alle erfahren es.
page-skip-last-text = „{ $phase }“ endet jetzt. Eine weitere Phase gibt es nicht. Alle erfahren es.

page-no-ballot-yet = Es gab noch keine Abstimmung.
page-no-ballot-open = Gerade ist keine Abstimmung offen.
page-vote = Abstimmen
page-choose-first = Wählen Sie zuerst eine Antwort.
page-vote-again = Stimme ändern
page-voted = Ihre Stimme: { $option }. Solange die Abstimmung offen ist, können Sie sie ändern.
page-vote-waits = Ihre Stimme wartet auf den Server.
page-vote-secret = Die Abstimmung ist geheim: Niemand erfährt, wie Sie stimmen.
page-turnout = { $count ->
    [one] Eine von { $people } Personen hat abgestimmt
   *[other] { $count } von { $people } Personen haben abgestimmt
}
page-votes = { $count ->
    [one] eine Stimme
   *[other] { $count } Stimmen
}
page-ballot-closed = { $count ->
    [0] Geschlossen; niemand hat abgestimmt
    [one] Geschlossen; eine Person hat abgestimmt
   *[other] Geschlossen; { $count } Personen haben abgestimmt
}
page-close-ballot = Abstimmung schließen
page-close-ballot-text = Danach kann niemand mehr abstimmen, und alle sehen das Ergebnis. Es ändert sich nicht mehr.
page-new-ballot = Neue Abstimmung
page-question = Frage
page-option = Antwort { $number }
page-add-option = Antwort hinzufügen
page-remove-option = Antwort { $number } entfernen
page-ballot-hint = Zwei bis zehn verschiedene Antworten. Läuft eine Phase, schließt die Abstimmung mit ihr.
page-open-ballot = Abstimmung öffnen

page-invite = Einladen
page-link-participant = Link für Teilnehmende
page-link-participant-hint = Senden Sie ihn allen, die Sie einladen, zum Beispiel in einer E-Mail. Im Browser geöffnet zeigt er die Einladung, und wie man Convene bekommt und beitritt.
page-link-organizer = Link für Veranstalter
page-link-organizer-hint = Wer diesen Link hat, leitet mit. Geben Sie ihn nur an Veranstalter weiter.
page-no-links = Die Links sind noch nicht bekannt.
page-doors = Türen
page-doors-locked = Die Türen sind geschlossen: niemand kommt neu herein, außer Veranstaltern. Wer teilnimmt, kann gehen und wiederkommen.
page-doors-open = Die Türen sind offen: mit dem Link für Teilnehmende kommt man herein.
page-lock-doors = Türen schließen
page-lock-doors-text = Dann kommt niemand neu herein, bis jemand die Türen wieder öffnet. Wer teilnimmt, kann gehen und wiederkommen.
page-open-doors = Türen öffnen
page-open-doors-text = Mit dem Link für Teilnehmende kommt man dann wieder herein.
page-own-link = Mein persönlicher Link
page-own-link-hint = Mit diesem Link nehmen Sie auch mit einem anderen Gerät teil, als dieselbe Person. Er gehört nur Ihnen: wer ihn hat, spricht in Ihrem Namen.
page-make-own-link = Einen persönlichen Link erstellen
page-online-of = { $online } von { $people } sind verbunden.
page-green-of = Bei { $green } von { $people } ist der Zugang geprüft und frei.
page-connection = Verbindung
page-access = Zugang
page-role = Rolle
page-online = verbunden
page-offline-one = nicht verbunden
page-access-green = frei
page-access-yellow = mit Hinweisen
page-access-red = versperrt
page-access-none = nicht bekannt
page-add-organizer = Zum Veranstalter machen
page-add-organizer-of = { $person } zum Veranstalter machen
page-add-organizer-text = { $person } darf dann alles, was Sie dürfen: Phasen ändern, Räume schließen, abstimmen lassen, die Konferenz beenden.
page-remove-organizer = Rolle nehmen
page-remove-organizer-of = { $person } die Rolle nehmen
page-remove-organizer-text = { $person } nimmt dann teil wie alle anderen.
page-remove-person = Entfernen
page-remove-person-of = { $person } entfernen
page-remove-person-text = { $person } nimmt dann nicht mehr teil und kann nicht wiederkommen, behält aber, was es bis dahin zu lesen gab. Die Türen werden geschlossen, und Sie bekommen einen neuen Link für Teilnehmende: mit dem bisherigen kommt niemand mehr herein.
page-rooms = Räume
page-new-room = Name eines neuen Raumes
page-add-room = Raum hinzufügen
page-close-room = Raum schließen
page-close-room-of = { $room } schließen
page-close-room-text = Wer in „{ $room }“ ist, ist danach im Plenum. Was dort gesagt wurde, bleibt erhalten.
page-end-title = Ende
page-end-hint = Am Ende der Konferenz. Danach ist alles lesbar, und nichts geschieht mehr.
page-end = Konferenz beenden
page-end-text = Die Konferenz endet jetzt und für alle. Das lässt sich nicht zurücknehmen.
page-end-word = beenden

page-check-text = Convene versucht jeden Weg zum Server und sagt, was geht und was nicht. Am besten einige Tage vor der Konferenz, an dem Rechner, mit dem Sie teilnehmen.
page-check-now = Zugang jetzt prüfen
page-check-again = Noch einmal prüfen
page-checking = Der Zugang wird geprüft …
page-no-check = Es wurde noch nicht geprüft.
page-verdict-green = Alles ist frei. Sie können teilnehmen.
page-verdict-yellow = Sie können teilnehmen. Es gibt Hinweise.
page-verdict-red = Von hier ist der Server nicht zu erreichen.
page-tell-access = Den Veranstaltern meiner Konferenzen sagen, wie die Prüfung ausging
page-tell-access-hint = Sie erfahren nur: frei, mit Hinweisen oder versperrt, und die Version von Convene. Keine Adressen.
page-step-name = Name des Servers: { $target }
page-step-ports = Konferenzports { $ports }
page-step-https = Der Weg der Webseiten: { $target }
page-step-proxy = Proxy: { $target }
page-step-portal = Anmeldeseite des Netzes
page-step-inspection = Verschlüsselung bis zum Server
page-step-clock = Uhr dieses Rechners
page-step-clock-off = { $count ->
    [one] Sie geht um eine Sekunde falsch.
   *[other] Sie geht um { $count } Sekunden falsch.
}
page-step-version = Gemeinsame Version
page-step-named-by = Genannt von: { $place }
page-step-logins = Verlangt eine Anmeldung: { $logins }
page-state-waiting = wartet
page-state-running = wird versucht
page-state-good = in Ordnung
page-state-warned = Hinweis
page-state-failed = geht nicht
page-state-skipped = nicht versucht
page-ms = { $count } ms
page-seconds = { $count } s
page-letter = An meine IT-Abteilung schreiben
page-letter-subject = Zugang zu { $server }
page-copy = Kopieren
page-copied = Kopiert
page-copy-failed = Der Browser ließ es nicht zu. Markieren Sie den Text, und kopieren Sie ihn von Hand.
page-save-file = Als Datei speichern
page-as-mail = Als E-Mail

page-proxy = Proxy
page-proxy-hint = Ein Proxy ist ein Rechner im Netz Ihres Unternehmens, über den Verbindungen nach außen gehen. Meist findet Convene ihn selbst, und hier ist nichts zu tun.
page-proxy-auto = Automatisch
page-proxy-hand = Von Hand
page-proxy-script = Skript
page-proxy-none-found = Auf diesem Rechner wurde kein Proxy gefunden.
page-proxy-none-known = Für die Server Ihrer Konferenzen ist kein Proxy bekannt.
page-proxy-wpad = wird im Netz gesucht
page-proxy-address = Adresse des Proxys
page-proxy-user = Benutzer
page-proxy-password = Kennwort
page-proxy-login-hint = Nur wenn der Proxy eine Anmeldung verlangt. Ein gespeichertes Kennwort wird nicht angezeigt.
page-proxy-exceptions = Ohne Proxy erreichbar
page-proxy-script-address = Adresse des Skripts (PAC)
page-proxy-test = Proxys versuchen
page-proxy-test-hint = Convene öffnet durch jeden bekannten Proxy einen Weg zum Server und schließt ihn wieder. Das dauert höchstens eine Minute.
page-test = Versuchen
page-testing = Wird versucht …
page-locked = Ihr Unternehmen hat das festgelegt ({ $setting }).
page-policy = vom Unternehmen festgelegt
page-machine-settings = Für alle auf diesem Rechner
page-machine-command = Ändern können das Administratoren:
page-setting = Einstellung
page-value = Wert
page-from = Woher
page-secret-set = gesetzt, wird nicht angezeigt
page-from-default = Vorgabe
page-from-system = System
page-from-file = Konfigurationsdatei
page-from-drop_in = Datei daneben
page-from-installer = Installation
page-from-api = hier geändert
page-from-policy = vom Unternehmen festgelegt
page-source-gnome = Einstellungen von GNOME
page-source-kde = Einstellungen von KDE
page-source-windows = Einstellungen von Windows
page-source-environment = Umgebung
page-source-user = von Ihnen
page-source-file = Konfigurationsdatei
page-source-policy = vom Unternehmen festgelegt
page-source-winhttp = Einstellungen von Windows für alle
page-source-script = automatische Proxy-Konfiguration (PAC)
page-source-wpad = Netz (WPAD)
page-proxy-login-title = Anmeldung am Proxy
page-proxy-login-text = Der Proxy { $proxy } verlangt eine Anmeldung, um { $server } zu erreichen. Meist sind es Benutzer und Kennwort, mit denen Sie sich am Rechner anmelden.
page-proxy-login-rejected = Die Anmeldung als { $user } wurde abgelehnt.
page-proxy-login-kept = Convene behält die Anmeldung für Sie und zeigt sie nur diesem Proxy.
page-log-in = Anmelden
page-no-login = Ohne Anmeldung

page-not-admitted = Diese Seite muss von Convene geöffnet werden.
page-not-admitted-remedy = Öffnen Sie Convene über das Startmenü, oder geben Sie in einem Terminal „convene web“ ein.
page-details = Details
page-read-on = Trotzdem weiterlesen
page-trouble-nothing-lost = Was Sie geschrieben haben, ist nicht verloren.
page-trouble-no_daemon = Der Dienst von Convene läuft auf diesem Rechner nicht.
page-trouble-no_daemon-linux = Starten Sie ihn mit „systemctl start convened“, oder bitten Sie die Administration darum. Diese Seite geht dann von selbst weiter.
page-trouble-no_daemon-windows = Starten Sie in der Windows-Dienstverwaltung den Dienst „convened“, oder bitten Sie die Administration darum. Diese Seite geht dann von selbst weiter.
page-trouble-impostor = Ein fremdes Programm gibt sich auf diesem Rechner als Dienst von Convene aus.
page-trouble-impostor-remedy = Es wurde nichts an dieses Programm gesendet. Zeigen Sie das Ihrer Administration.
page-trouble-no_bridge = Diese Seite hat keine Verbindung zu Convene mehr.
page-trouble-no_bridge-remedy = Öffnen Sie Convene noch einmal: über das Startmenü, oder mit „convene web“ in einem Terminal.
page-trouble-version = Convene hier und sein Dienst sind von verschiedenen Versionen.
page-trouble-version-remedy = Schließen Sie Convene, und öffnen Sie es noch einmal. Hilft das nicht, aktualisieren Sie Convene so, wie es installiert wurde, oder bitten Sie die Administration dieses Rechners darum.
page-trouble-disk_full = Der Datenträger dieses Rechners ist voll: Convene kann nichts speichern.
page-trouble-disk_full-remedy = Schaffen Sie Platz, zum Beispiel im Papierkorb. Dann geht es von selbst weiter; bis dahin wird nichts gesendet und nichts empfangen.
page-trouble-disk_broken = Der Datenträger dieses Rechners ist gestört: Convene kann nichts speichern.
page-trouble-disk_broken-remedy = Zeigen Sie das Ihrer Administration. Bis es behoben ist, wird nichts gesendet und nichts empfangen.
page-trouble-no_zone = Ihr Browser sagt nicht, in welcher Zeitzone Sie sind.
page-trouble-no_zone-remedy = Alle Zeiten werden in Weltzeit (UTC) angezeigt. In den Einstellungen des Browsers oder des Rechners lässt sich die Zeitzone setzen.

page-title-conferences = Konferenzen
page-title-join = Beitreten
page-title-check = Zugang prüfen
page-title-settings = Einstellungen
page-title-schedule = Zeitplan
page-title-ballot = Abstimmung
page-title-organize = Leitung
page-title-people = Leute
page-title-places = Orte

page-act-lost = Verloren: { $act }.
page-act-refused = Nicht angenommen: { $act }.
page-act-say = Ihre Nachricht
page-act-join = das Beitreten
page-act-access = den Veranstaltern zu sagen, wie die Prüfung Ihres Zugangs ausging
page-act-leave = das Verlassen der Konferenz
page-act-end = das Ende der Konferenz
page-act-rename = Ihr neuer Name
page-act-add_organizer = jemanden zum Veranstalter zu machen
page-act-remove_organizer = jemandem die Rolle zu nehmen
page-act-go = der Wechsel in einen anderen Raum
page-act-add_room = der neue Raum
page-act-close_room = den Raum zu schließen
page-act-ask_to_table = an einen Tisch zu bitten
page-act-accept_table = sich an den Tisch zu setzen
page-act-decline_table = die Absage an den Tisch
page-act-leave_table = vom Tisch aufzustehen
page-act-extend_phase = die Phase zu verlängern
page-act-shorten_phase = die Phase zu verkürzen
page-act-skip_phase = der Wechsel der Phase
page-act-open_ballot = die neue Abstimmung
page-act-vote = Ihre Stimme
page-act-close_ballot = die Abstimmung zu schließen
page-act-remove = jemanden zu entfernen
page-act-lock_doors = die Türen zu schließen
page-act-open_doors = die Türen zu öffnen
page-act-make_link = Ihr persönlicher Link

page-remedy-set_proxy_login = Geben Sie in den Einstellungen Benutzer und Kennwort des Proxys an.
page-remedy-set_proxy = Geben Sie in den Einstellungen einen Proxy von Hand an.
page-remedy-check_proxy = Prüfen Sie in den Einstellungen die Adresse des Proxys.
page-remedy-add_inspection_certificate = Bitten Sie die Administration, dem Zertifikat dieses Netzes auf diesem Rechner zu vertrauen; sonst fragen Sie die Veranstalter.
page-word-disconnected = Convene antwortet auf diesem Rechner nicht. Ihr Text bleibt hier; versuchen Sie es noch einmal.
page-word-conference_unknown = Sie haben keinen Platz in dieser Konferenz.
page-word-name_taken = Ein anderer Teilnehmer hat diesen Namen oder einen, der sich ebenso liest. Wählen Sie einen anderen.
page-word-name_of_role = Dieser Name liest sich wie der einer Rolle. Wählen Sie einen anderen.
page-word-other_log = Der Server zeigt ein anderes Protokoll dieser Konferenz, etwa nach einer anderswo eingespielten Sicherung. Convene fragt weiter nach dem, das Sie kennen.
page-word-seat_full = Convene behält von dieser Konferenz, oder von allen Ihren Konferenzen zusammen, so viel, wie es darf. Neues nimmt es nicht mehr an, und was Sie haben, bleibt lesbar. Entfernen Sie einige, die Sie nicht mehr brauchen.
page-word-id_reused = Das wurde schon einmal anders gesendet. Senden Sie es neu.
page-word-still_joined = Sie nehmen an dieser Konferenz teil. Verlassen Sie sie zuerst.
page-word-too_many_seats = Sie nehmen auf diesem Server an so vielen Konferenzen teil, wie es geht. Verlassen oder entfernen Sie einige.
page-word-conference_ambiguous = Zwei Server haben eine Konferenz dieses Namens. Öffnen Sie sie über „Konferenzen“.
page-word-person_unknown = Diese Person nimmt nicht mehr teil.
page-word-not_privileged = Das dürfen nur Administratoren dieses Rechners.
page-word-setting_invalid = Diese Angabe ist nicht verwendbar. Prüfen Sie die Adresse.
page-word-settings_changed = Die Einstellungen wurden inzwischen anderswo geändert. Sehen Sie nach, und speichern Sie noch einmal.
page-word-draft_too_large = Der Entwurf ist zu lang, um gespeichert zu werden.
page-word-unsure = Ob es gespeichert ist, ist nicht bekannt, weil der Datenträger gestört war. Dasselbe darf noch einmal gesendet werden.
