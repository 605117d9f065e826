# What the command line says. Every key stands in both files; a test compares them.

list-seat = { $title }: { $state ->
    [joined] you take part as { $name }
    [joining] you are not in yet; Convene goes on trying
    [left] you have left
    [not_here_now] the server does not have the conference at the moment; Convene goes on trying
   *[refused] the server refuses you
}
list-untitled = a conference on { $server }
list-waiting = { $count ->
    [one] something that you want waits for the server; it is safe
   *[other] { $count } things that you want wait for the server; they are safe
}
list-typed = in commands it is called { $seat }

status-server = { $server }: { $state ->
    [connected] connected since { $time }
    [connecting] Convene connects, since { $time }
    [blocked] the network lets nothing through, since { $time }; Convene goes on trying
   *[offline] this machine has no network, since { $time }
}
status-straight = straight to { $target }
status-by_proxy = to { $target } through the proxy { $proxy }
status-service = convened { $version } runs since { $time }
proxy-works = to { $target } through { $proxy }: works ({ $ms } ms)

act-unsure = whether it is stored is not known, because the daemon's disk failed; look by `convene tail` before you send it again
tail-reset = a backup of the server was restored: what was shown after { $time } holds no more, and this follows in its place

stop-not_running = convened does not answer at { $places }
stop-not_open = convened at { $places } is not open to you
stop-impostor = { $place } belongs to { $user }, and not to the system, convene, or you
stop-foreign = { $place } answers, but not as convened does
stop-broken = the connection to convened broke
stop-malformed = convened gave an answer that this version cannot read
stop-input = standard input cannot be read

join-joined = you take part in { $title } as { $name }
join-next = `convene tail` shows what was said, `convene say` says something, and `convene` tells where you stand
