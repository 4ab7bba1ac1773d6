### Sätze der Seiten, auf dem Server gebildet. Zeiten, Größen und Dauern kommen fertig formatiert.

## Der Mailverlauf

log-summary = { $count ->
    [0] Keine Mail
    [one] 1 Mail
   *[other] { $count } Mails, neueste zuerst
}
row-label = { $outcome }: Mail von { $sender } an { $recipient }, { $day } { $time }
party-no-sender = Mailsystem (ohne Absender)
party-no-recipient = Kein Empfänger genannt
row-written-to = geschrieben an { $address }
note-bad-day = „{ $value }“ ist kein Tag und blieb deshalb außer Acht. Tage sehen so aus: 2026-11-22.
note-bad-outcome = „{ $value }“ ist kein Ergebnis und blieb deshalb außer Acht.
note-unknown-domain = „{ $value }“ ist keine Ihrer Domains.
fresh-complete = Vollständig bis { $time }
fresh-sources = { $all ->
    [one] { $current } von 1 Quelle aktuell
   *[other] { $current } von { $all } Quellen aktuell
}
fresh-newest = neueste Zeile vor { $ago }
fresh-no-source = Es wurde noch kein Log gelesen
fresh-unreadable = { $count ->
    [one] 1 Quelle ist gerade nicht lesbar
   *[other] { $count } Quellen sind gerade nicht lesbar
}
fresh-gaps = es fehlen Zeilen
fresh-more-gaps = { $count ->
    [one] Ein weiteres Mal fehlen Zeilen.
   *[other] Noch { $count } weitere Male fehlen Zeilen.
}
fresh-problem = Quelle { $name } ist gerade nicht lesbar.
fresh-problem-words = Quelle { $name } ist gerade nicht lesbar: { $problem }
fresh-unparsed = Quelle { $name }: { $share } der Mailzeilen wurden nicht verstanden.
fresh-spooled = Quelle { $name }: { $size } sind empfangen und noch nicht gespeichert.
gap-between = Zwischen { $since } und { $until } fehlen Zeilen
gap-before = Vor { $until } fehlen Zeilen
gap-details = {" "}({ $details })
gap-source = Quelle { $name }
gap-lines = { $count ->
    [one] etwa 1 Zeile
   *[other] etwa { $shown } Zeilen
}
clock-ahead = die Uhr des Servers ging vor

## Nichts gefunden

finding-title = Nichts gefunden, und das ist ein Befund
finding-title-goes-on = Im neuesten Teil ist nichts
finding-title-empty-log = Noch keine Mails
finding-not-seen = Keiner unserer Server hat eine solche Mail für Ihre Domains gesehen.
finding-goes-on = Die Suche wurde abgebrochen, damit Sie nicht warten müssen. Mit „Ältere“ geht es weiter; oder grenzen Sie sie ein.
finding-empty-log = Sobald einer unserer Server eine Mail für Ihre Domains bearbeitet, steht sie binnen Sekunden hier.
finding-complete = { $count ->
    [one] Unser Log ist vollständig bis { $time }.
   *[other] Alle { $count } Logquellen sind vollständig bis { $time }.
}
finding-no-source = Es wurde noch kein Log gelesen; über spätere Mails lässt sich nichts sagen.
finding-what-now = Wenn der Absender die Mail abgeschickt hat, blieb sie vorher hängen: Sein Anbieter kann sagen, wo. Sonst prüfen Sie bitte die Schreibweise oder lassen Sie einen Filter weg.
finding-what-now-outbound = Wenn Sie die Mail abgeschickt haben, kam sie nicht bis zu unserem Server: Sehen Sie bitte im Postausgang Ihres Mailprogramms nach. Sonst prüfen Sie bitte die Schreibweise oder lassen Sie einen Filter weg.
finding-title-gap = Nichts gefunden, aber es fehlen Zeilen
finding-not-seen-gap = In dem, was wir vom Log haben, steht keine solche Mail für Ihre Domains. Ein Teil davon fehlt:
finding-complete-else = { $count ->
    [one] Sonst ist unser Log vollständig bis { $time }.
   *[other] Sonst sind alle { $count } Log-Quellen vollständig bis { $time }.
}
finding-unreadable = { $count ->
    [one] Eine Quelle ist gerade nicht lesbar; neuere Mails können deshalb fehlen.
   *[other] { $count } Quellen sind gerade nicht lesbar; neuere Mails können deshalb fehlen.
}
finding-what-now-gap = Eine Mail aus dieser Zeit kann es geben, ohne dass sie hier steht: Unser Support kann nachsehen. Sonst prüfen Sie bitte die Schreibweise oder lassen Sie einen Filter weg.

## Eine Mail

advice-title = Was Sie tun können
actor-title = Wer etwas tun kann: { $actor }
related-sender = Alle Mails von { $address }
related-recipient = Alle Mails an { $address }
story-incomplete = Ein Teil vom Weg dieser Mail fehlt in unserem Log; die Geschichte kann eine Lücke haben.
story-clock-ahead = Die Uhr des Servers ging vor; die Zeiten hier sind später als in Wirklichkeit.
step-tries = { $count } Versuche, der letzte um { $time }
step-later = { $duration } später
step-from = von { $client }
step-signed-in = angemeldet als { $user }
step-encrypted = verschlüsselte Verbindung
step-score = Spam-Wert { $score }

## Einzelheiten

facts-mail = Die Mail
facts-origin = Woher sie kam
facts-target = Zustellung
facts-checks = Prüfungen
facts-times = Zeiten
fact-sender = Von
fact-recipient = An
fact-original-recipient = Geschrieben an
fact-size = Größe
fact-message-id = Message-ID
fact-queue-ids = Queue-IDs
fact-domain = Domain
fact-client-name = Sendender Server
fact-client-ip = Seine Adresse
fact-country = Land
fact-network = Netz
fact-helo = Vorgestellt als
fact-sasl-user = Angemeldet als
fact-tls = Verschlüsselung
fact-server = Angenommen von
fact-relay = Übergeben an
fact-relay-ip = Dessen Adresse
fact-dsn = Statuscode
fact-attempts = Versuche
fact-content = Filterergebnis
fact-spam-score = Spam-Wert
fact-quarantine-id = Quarantäne
fact-greylisted = Zurückgestellt
fact-connected-at = Eingetroffen
fact-finished-at = Entschieden
fact-next-attempt = Nächster Versuch
fact-delay-total = Insgesamt
fact-delay-queue = In der Warteschlange
fact-delay-connect = Verbindungsaufbau
fact-delay-transmit = Übertragung
fact-delay-scan = Prüfung
fact-zone = Zeitzone

## Before there is a page

problem-foreign_form-title = Dieses Formular kam nicht von hier
problem-foreign_form-text = Zu Ihrem Schutz haben wir es nicht angenommen: Es wurde von einer anderen Website oder unter einer anderen Adresse als der dieses Portals gesendet. Bitte öffnen Sie das Portal neu und versuchen Sie es noch einmal.
problem-too_many_windows-title = Diese Seite ist zu oft offen
problem-too_many_windows-text = Sie haben so viele Seiten offen, wie sich für eine Person selbst aktualisieren können. Diese zeigt neue Mails nicht von selbst; bitte schließen Sie einige der anderen oder laden Sie sie ab und zu neu.
problem-too_many_viewers-title = Gerade schauen zu viele Leute zu
problem-too_many_viewers-text = Diese Seite zeigt neue Mails im Moment nicht von selbst. Bitte laden Sie sie ab und zu neu.

## Eine Antwort auf der Kommandozeile erklären

explain-taken = Die Gegenseite hat die Mail angenommen.
explain-for-now = Es heißt „jetzt nicht“: Der sendende Server versucht es von selbst noch einmal.
explain-for-good = Es ist ein endgültiges Nein: Es wird nicht noch einmal versucht.
explain-no-code = Die Antwort trägt keinen Code, der sagt, ob es noch einmal versucht wird.
explain-sent = Wenn Sie die Mail geschickt haben: { $advice }
explain-received = Wenn die Mail für Sie war: { $advice }
explain-answer = Die Antwort: { $answer }
