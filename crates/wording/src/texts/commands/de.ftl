# Was die Kommandozeile sagt. Jeder Schlüssel steht in beiden Dateien; ein Test vergleicht sie.

list-seat = { $title }: { $state ->
    [joined] Sie nehmen als { $name } teil
    [joining] Sie sind noch nicht dabei; Convene versucht es weiter
    [left] Sie haben die Konferenz verlassen
    [not_here_now] der Server hat die Konferenz im Augenblick nicht; Convene versucht es weiter
   *[refused] der Server lehnt Sie ab
}
list-untitled = eine Konferenz auf { $server }
list-waiting = { $count ->
    [one] etwas, das Sie wollen, wartet auf den Server; es ist sicher
   *[other] { $count } Dinge, die Sie wollen, warten auf den Server; sie sind sicher
}
list-typed = in Befehlen heißt sie { $seat }

status-server = { $server }: { $state ->
    [connected] verbunden seit { $time }
    [connecting] Convene verbindet sich, seit { $time }
    [blocked] das Netz lässt nichts durch, seit { $time }; Convene versucht es weiter
   *[offline] dieser Rechner hat kein Netz, seit { $time }
}
status-straight = direkt zu { $target }
status-by_proxy = zu { $target } über den Proxy { $proxy }
status-service = convened { $version } läuft seit { $time }
proxy-works = zu { $target } über { $proxy }: funktioniert ({ $ms } ms)

act-unsure = ob es gespeichert ist, ist nicht bekannt, weil der Datenträger des Dienstes gestört war; sehen Sie mit `convene tail` nach, bevor Sie es noch einmal senden
tail-reset = eine Sicherung des Servers wurde eingespielt: was nach { $time } gezeigt wurde, gilt nicht mehr, und dies tritt an seine Stelle

stop-not_running = convened antwortet nicht an { $places }
stop-not_open = convened an { $places } ist für Sie nicht offen
stop-impostor = { $place } gehört { $user }, und nicht dem System, convene oder Ihnen
stop-foreign = { $place } antwortet, aber nicht so wie convened
stop-broken = die Verbindung zu convened ist abgerissen
stop-malformed = convened gab eine Antwort, die diese Version nicht lesen kann
stop-input = die Standardeingabe lässt sich nicht lesen

join-joined = Sie nehmen an { $title } teil, als { $name }
join-next = `convene tail` zeigt, was gesagt wurde, `convene say` sagt etwas, und `convene` zeigt, wie es steht
