### Was aus einer Mail geworden ist, in Worten für Kundinnen und Kunden. Aufbau der Schlüssel: siehe ../en/verdict.ftl.

## Was geschehen ist

outcome-delivered = Zugestellt
outcome-delivered-meaning = Sie liegt im Postfach auf unserem Server.
outcome-junked = In den Spam-Ordner
outcome-junked-meaning = Sie liegt im Postfach, im Spam-Ordner oder als Spam markiert.
outcome-handed_over = Übergeben
outcome-handed_over-meaning = Der andere Mailanbieter hat sie angenommen. Was dort weiter geschieht, sehen wir nicht.
outcome-forwarded = Weitergeleitet
outcome-forwarded-meaning = Ein Alias, eine Liste oder eine Regel hat sie weitergeschickt. Die neue Adresse hat eine eigene Zeile.
outcome-greylisted = Kurz zurückgestellt
outcome-greylisted-meaning = Erster Kontakt: Der Server des Absenders soll es in einigen Minuten noch einmal versuchen.
outcome-deferred = Wird erneut versucht
outcome-deferred-meaning = Es hat noch nicht geklappt. Es wird weiter versucht.
outcome-quarantined = In Quarantäne
outcome-quarantined-meaning = Sie sah verdächtig aus und wird in der Quarantäne aufbewahrt.
outcome-released = Freigegeben
outcome-released-meaning = Sie wurde aus der Quarantäne geholt und ist auf dem Weg ins Postfach.
outcome-held = Angehalten
outcome-held-meaning = Unser Team oder eine Begrenzung hält sie vorerst an.
outcome-rejected = Abgelehnt
outcome-rejected-meaning = Wir haben sie nicht angenommen. Der Server des Absenders weiß das sofort.
outcome-bounced = Zurückgewiesen
outcome-bounced-meaning = Sie wurde endgültig abgelehnt, nachdem wir sie angenommen hatten. Der Absender bekommt einen Bericht.
outcome-expired = Aufgegeben
outcome-expired-meaning = Tagelang ohne Erfolg versucht. Der Absender bekommt einen Bericht.
outcome-discarded = Verworfen
outcome-discarded-meaning = Eine Regel hat sie entfernt. Niemand wurde benachrichtigt.
outcome-no_trace = Keine Spur
outcome-no_trace-meaning = Keiner unserer Server hat diese Mail gesehen.
outcome-in_progress = Unterwegs
outcome-in_progress-meaning = Einer unserer Server hat sie. Das Ende haben wir noch nicht gesehen.

## Die Geschichte in einem Satz

story-delivered-inbound = Die Mail von { $sender } ist am { $date } um { $time } im Postfach { $recipient } angekommen.
story-delivered-outbound = Ihre Mail an { $recipient } ist am { $date } um { $time } im Postfach auf unserem Server angekommen.
story-junked-inbound = Die Mail von { $sender } liegt seit dem { $date }, { $time }, im Spam-Ordner von { $recipient }.
story-junked-outbound = Ihre Mail an { $recipient } wurde dort am { $date } um { $time } in den Spam-Ordner gelegt.
story-handed_over-inbound = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } an einen anderen Mailanbieter übergeben.
story-handed_over-inbound-relay = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } von { $relay } angenommen.
story-handed_over-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } vom anderen Mailanbieter angenommen.
story-handed_over-outbound-relay = Ihre Mail an { $recipient } wurde am { $date } um { $time } von { $relay } angenommen.
story-forwarded-inbound = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } an eine andere Adresse weitergeleitet.
story-forwarded-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } an eine andere Adresse weitergeleitet.
story-greylisted-inbound = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt. Beim ersten Kontakt ist das normal.
story-greylisted-inbound-next = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt. Der nächste Versuch wird um { $next } erwartet.
story-greylisted-inbound-final = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt und kam nie wieder.
story-greylisted-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt. Beim ersten Kontakt ist das normal.
story-greylisted-outbound-next = Ihre Mail an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt. Der nächste Versuch wird um { $next } erwartet.
story-greylisted-outbound-final = Ihre Mail an { $recipient } wurde am { $date } um { $time } kurz zurückgestellt und nicht noch einmal versucht.
story-deferred-inbound = Die Mail von { $sender } an { $recipient } wartet noch. Der letzte Versuch war am { $date } um { $time }.
story-deferred-inbound-next = Die Mail von { $sender } an { $recipient } wartet noch. Der letzte Versuch war am { $date } um { $time }, der nächste wird um { $next } erwartet.
story-deferred-inbound-relay = Die Mail von { $sender } an { $recipient } wartet noch: { $relay } hat sie am { $date } um { $time } nicht angenommen.
story-deferred-outbound = Ihre Mail an { $recipient } wartet noch. Wir haben es am { $date } um { $time } versucht und versuchen es weiter.
story-deferred-outbound-next = Ihre Mail an { $recipient } wartet noch. Wir haben es am { $date } um { $time } versucht und versuchen es um { $next } wieder.
story-deferred-outbound-relay = Ihre Mail an { $recipient } wartet noch: { $relay } hat sie am { $date } um { $time } nicht angenommen. Wir versuchen es weiter.
story-quarantined-inbound = Die Mail von { $sender } an { $recipient } liegt seit dem { $date }, { $time }, in der Quarantäne.
story-quarantined-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } in die Quarantäne gelegt.
story-released-inbound = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } aus der Quarantäne freigegeben.
story-released-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } aus der Quarantäne freigegeben.
story-held-inbound = Die Mail von { $sender } an { $recipient } ist bei uns seit dem { $date }, { $time }, angehalten.
story-held-outbound = Ihre Mail an { $recipient } ist bei uns seit dem { $date }, { $time }, angehalten.
story-rejected-inbound = Wir haben am { $date } um { $time } eine Mail von { $sender } an { $recipient } abgelehnt.
story-rejected-outbound = Wir haben Ihre Mail an { $recipient } am { $date } um { $time } nicht angenommen.
story-bounced-inbound = Die Mail von { $sender } an { $recipient } konnte am { $date } um { $time } nicht zugestellt werden und ging an den Absender zurück.
story-bounced-inbound-relay = { $relay } hat die Mail von { $sender } an { $recipient } am { $date } um { $time } zurückgewiesen. Sie ging an den Absender zurück.
story-bounced-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } endgültig zurückgewiesen und kam an Sie zurück.
story-bounced-outbound-relay = { $relay } hat Ihre Mail an { $recipient } am { $date } um { $time } endgültig zurückgewiesen. Sie kam an Sie zurück.
story-expired-inbound = Die Mail von { $sender } an { $recipient } wurde am { $date } um { $time } nach vielen Versuchen aufgegeben.
story-expired-outbound = Wir haben Ihre Mail an { $recipient } am { $date } um { $time } nach vielen Versuchen aufgegeben.
story-discarded-inbound = Eine Mail von { $sender } an { $recipient } wurde am { $date } um { $time } durch eine Regel entfernt.
story-discarded-outbound = Ihre Mail an { $recipient } wurde am { $date } um { $time } durch eine Regel entfernt.
story-no_trace-inbound = Keiner unserer Server hat eine Mail von { $sender } an { $recipient } gesehen.
story-no_trace-outbound = Keiner unserer Server hat Ihre Mail an { $recipient } gesehen.
story-in_progress-inbound = Die Mail von { $sender } an { $recipient } kam am { $date } um { $time } an und läuft gerade durch unsere Server.
story-in_progress-outbound = Ihre Mail an { $recipient } kam am { $date } um { $time } bei uns an und ist unterwegs.
sender-none = einem Mailsystem
recipient-none = einen ungenannten Empfänger

## Warum

reason-ok = Alles ist gut gegangen.
reason-user_unknown = Dieses Postfach gibt es nicht.
reason-domain_unknown = Den Teil nach dem @ gibt es nicht, oder er nimmt keine Mails an.
reason-mailbox_disabled = Das Postfach ist abgeschaltet oder gesperrt.
reason-moved = Die Adresse wurde durch eine andere ersetzt.
reason-sender_invalid = Die Adresse oder die Domain des Absenders ist nicht gültig.
reason-mailbox_full = Das Postfach ist voll.
reason-too_large = Die Mail ist größer als erlaubt.
reason-too_many_rcpts = Die Mail hatte zu viele Empfänger auf einmal.
reason-remote_overload = Das empfangende System war ausgelastet.
reason-greylist_new = Es war der erste Kontakt; Server, die sich noch nicht kennen, werden um einige Minuten Geduld gebeten.
reason-rate_sender = In kurzer Zeit wurde zu viel gesendet.
reason-rate_recipient = Dieses Postfach bekommt gerade zu viele Mails.
reason-too_many_conn = Es gab zu viele Verbindungen gleichzeitig.
reason-dns_failure = Die Adresse eines Mailservers ließ sich nicht ermitteln.
reason-unreachable = Ein Mailserver hat nicht geantwortet oder die Verbindung abgebrochen.
reason-tls_failed = Eine sichere Verbindung war verlangt und kam nicht zustande.
reason-loop = Die Mail lief im Kreis.
reason-timeout_expired = Mehrere Tage lang ohne Erfolg versucht.
reason-spf_fail = Laut der Domain des Absenders darf dieser Server nicht für sie senden (SPF).
reason-dkim_fail = Die Signatur der Mail fehlt oder ist ungültig (DKIM).
reason-dmarc_fail = Es ist nicht nachgewiesen, dass die Mail vom angezeigten Absender stammt (DMARC).
reason-ptr_missing = Der sendende Server hat keinen ordentlichen Namen.
reason-helo_bad = Der sendende Server hat sich falsch vorgestellt.
reason-auth_required = Der Absender war zum Senden nicht angemeldet.
reason-relay_denied = Dieser Server ist für die Adresse des Empfängers nicht zuständig.
reason-sender_mismatch = Dieses Konto darf diese Absenderadresse nicht benutzen.
reason-ip_listed = Der sendende Server steht auf einer Sperrliste.
reason-ip_unknown = Der Empfänger kennt den sendenden Server noch nicht.
reason-domain_reputation = Die Domain des Absenders gilt als Quelle unerwünschter Mails.
reason-complaints = Zu viele Menschen haben Mails dieses Absenders als Spam markiert.
reason-spam = Sie sah nach unerwünschter Post aus.
reason-phishing = Sie gibt sich für jemand anderen aus.
reason-virus = Sie enthielt Schadsoftware.
reason-attachment_banned = Sie enthielt einen Dateityp, der nicht angenommen wird.
reason-bad_format = Die Mail ist technisch fehlerhaft.
reason-bad_link = Ein Link darin steht auf einer Warnliste.
reason-recipient_block = Der Empfänger oder seine Firma nimmt von diesem Absender keine Mails an.
reason-not_allowed_group = Die Liste oder Gruppe nimmt nur Mails von Mitgliedern an.
reason-policy_local = Eine Regel der Domain oder des Mailanbieters hat sie gestoppt.
reason-geo_block = Mails aus diesem Land werden dort nicht angenommen.
reason-our_fault = Unser eigenes System hatte einen Fehler.
reason-account_suspended = Das Senden ist gestoppt, weil das Konto gehackt aussieht.
reason-unclassified = Für diese Antwort haben wir noch keine einfachen Worte. Der Originaltext steht unten.

## Was Sie tun können

advice-ok-inbound = Nichts zu tun. Finden Sie die Mail nicht, sehen Sie im Spam-Ordner und in Ihren Filterregeln nach.
advice-ok-outbound = Nichts zu tun. Wurde sie nicht gesehen, bitten Sie den Empfänger, im Spam-Ordner nachzusehen.
advice-user_unknown-inbound = Soll es die Adresse geben, legen Sie sie als Postfach oder Alias an. Sonst nennen Sie dem Absender die richtige.
advice-user_unknown-outbound = Prüfen Sie die Schreibweise. Stimmt sie, fragen Sie telefonisch nach der aktuellen Adresse und streichen Sie die alte aus Ihren Listen.
advice-domain_unknown-inbound = Das Ziel einer Weiterleitung gibt es nicht mehr. Prüfen Sie Ihre Weiterleitungen.
advice-domain_unknown-outbound = Prüfen Sie den Teil nach dem @ auf Tippfehler.
advice-mailbox_disabled-inbound = Soll das Postfach benutzbar sein, schalten Sie es wieder ein oder schreiben Sie unserem Support.
advice-mailbox_disabled-outbound = Erreichen Sie die Person auf anderem Weg und fragen Sie nach einer anderen Adresse.
advice-moved-inbound = Nennen Sie dem Absender die neue Adresse, oder richten Sie eine Weiterleitung ein.
advice-moved-outbound = Benutzen Sie die neue Adresse. Oft steht sie in der Originalantwort unten.
advice-sender_invalid-inbound = Das kann nur der Absender beheben. Sagen Sie ihm, dass es seine Absenderadresse nicht gibt.
advice-sender_invalid-outbound = Berichtigen Sie die Absenderadresse in Ihrem Mailprogramm. Die Domain muss existieren und Mails empfangen können.
advice-mailbox_full-inbound = Löschen Sie alte Mails, leeren Sie den Spam-Ordner, oder bestellen Sie mehr Platz. Danach kann der Absender erneut senden.
advice-mailbox_full-outbound = Bitten Sie den Empfänger, Platz zu schaffen. Solange „Wird erneut versucht“ dasteht, bleiben wir dran.
advice-too_large-inbound = Bitten Sie den Absender um einen Download-Link statt der Datei.
advice-too_large-outbound = Schicken Sie einen Download-Link statt der Datei, oder senden Sie in Teilen.
advice-too_many_rcpts-inbound = Das kann nur der Absender beheben, indem er in kleineren Gruppen sendet.
advice-too_many_rcpts-outbound = Senden Sie an weniger Empfänger auf einmal, oder nutzen Sie einen Newsletter-Dienst.
advice-remote_overload-inbound = Nichts zu tun. Es wird von selbst weiter versucht.
advice-remote_overload-outbound = Nichts zu tun. Wir versuchen es von selbst weiter.
advice-greylist_new-inbound = Nichts zu tun, sie kommt in wenigen Minuten. Kommt sie nie, liegt es am Server des Absenders; wir können ihn ausnehmen.
advice-greylist_new-outbound = Nichts zu tun. Der nächste Versuch klappt meistens.
advice-rate_sender-inbound = Nichts zu tun. Der Absender muss langsamer senden.
advice-rate_sender-outbound = Senden Sie langsamer. Haben Sie gar nicht so viel gesendet, ändern Sie Ihr Passwort: Vielleicht benutzt jemand Ihr Konto.
advice-rate_recipient-inbound = Ihr Postfach bekommt ungewöhnlich viele Mails. Es wird weiter versucht; hält es an, schreiben Sie unserem Support.
advice-rate_recipient-outbound = Nichts zu tun. Später klappt es.
advice-too_many_conn-inbound = Nichts zu tun. Der Anbieter des Absenders versucht es erneut.
advice-too_many_conn-outbound = Nichts zu tun. Wir passen unsere Server an und versuchen es weiter.
advice-dns_failure-inbound = Meist geht das vorüber. Bleibt es so, ist die Domain des Absenders falsch eingerichtet.
advice-dns_failure-outbound = Meist geht das vorüber, und wir versuchen es weiter. Bleibt es so, ist die Domain des Empfängers falsch eingerichtet.
advice-unreachable-inbound = Es wird von selbst weiter versucht. Dauert es länger als eine Stunde, schreiben Sie unserem Support.
advice-unreachable-outbound = Wir versuchen es einige Tage lang. Eilt es, rufen Sie den Empfänger an.
advice-tls_failed-inbound = Die beiden Mailserver einigen sich nicht auf eine sichere Verbindung. Schreiben Sie unserem Support, wir sehen nach.
advice-tls_failed-outbound = Der Anbieter des Empfängers muss sein Zertifikat oder seine Verschlüsselung reparieren. Geben Sie ihm Bescheid; wir bleiben dran.
advice-loop-inbound = Prüfen Sie Ihre Weiterleitungen: Vermutlich leiten zwei Adressen aufeinander weiter.
advice-loop-outbound = Die Weiterleitungen des Empfängers laufen im Kreis. Geben Sie ihm auf anderem Weg Bescheid.
advice-timeout_expired-inbound = Bitten Sie den Absender, jetzt noch einmal zu senden.
advice-timeout_expired-outbound = Senden Sie noch einmal, wenn das System des Empfängers wieder läuft. Fragen Sie im Zweifel telefonisch nach.
advice-spf_fail-inbound = Kennen Sie den Absender, bitten Sie ihn, seinen SPF-Eintrag zu berichtigen. Lassen Sie sich Mails von anderswo weiterleiten, holen Sie sie besser ab.
advice-spf_fail-outbound = Nehmen Sie den sendenden Server in den SPF-Eintrag Ihrer Domain auf, oder senden Sie immer über unsere Server.
advice-dkim_fail-inbound = Kennen Sie den Absender, sagen Sie ihm, dass seine Signatur (DKIM) nicht stimmt.
advice-dkim_fail-outbound = Schalten Sie DKIM für Ihre Domain ein und prüfen Sie den Schlüssel im DNS.
advice-dmarc_fail-inbound = Kennen Sie den Absender, sagen Sie ihm, dass SPF oder DKIM zur sichtbaren Adresse passen muss. Sonst war es eine Fälschung, und gut, dass sie gestoppt wurde.
advice-dmarc_fail-outbound = Richten Sie SPF oder DKIM so ein, dass es zur Domain Ihrer Absenderadresse passt. Wir helfen gern.
advice-ptr_missing-inbound = Der Anbieter des Absenders muss seinem Server einen ordentlichen Namen geben (Reverse-DNS). Sagen Sie es dem Absender.
advice-ptr_missing-outbound = Sie müssen nichts tun: Wir müssen unserem Server einen ordentlichen Namen geben. Bitte melden Sie es unserem Support.
advice-helo_bad-inbound = Der Anbieter des Absenders muss seinen Server richtig einstellen. Sagen Sie es dem Absender.
advice-helo_bad-outbound = Senden Sie mit einem eigenen Server über uns, berichtigen Sie dessen HELO-Namen. Sonst melden Sie es unserem Support.
advice-auth_required-inbound = Das kann nur der Absender beheben, indem er sich an seinem Mailserver anmeldet.
advice-auth_required-outbound = Schalten Sie in Ihrem Mailprogramm „Server erfordert Anmeldung“ ein, mit Ihrer vollen Adresse und Ihrem Passwort.
advice-relay_denied-inbound = Soll die Domain bei uns sein, prüfen Sie, ob sie hier angelegt ist und ihr MX-Eintrag stimmt.
advice-relay_denied-outbound = Melden Sie sich am Postausgangsserver an. Waren Sie angemeldet, zeigt die Domain des Empfängers auf den falschen Server: Geben Sie ihm Bescheid.
advice-sender_mismatch-inbound = Das kann nur der Absender beheben, indem er eine eigene Adresse benutzt.
advice-sender_mismatch-outbound = Benutzen Sie eine Adresse, die zu Ihrem Konto gehört, oder lassen Sie diese hinzufügen.
advice-ip_listed-inbound = Der Anbieter des Absenders muss seinen Server von der Sperrliste nehmen lassen. Vertrauen Sie dem Absender, bitten Sie uns um eine Ausnahme.
advice-ip_listed-outbound = Sie müssen nichts tun: Wir beantragen die Streichung von der Liste. Eilt es, geben Sie dem Empfänger auf anderem Weg Bescheid.
advice-ip_unknown-inbound = Der Anbieter des Absenders muss sich bekannt machen. Sagen Sie es dem Absender.
advice-ip_unknown-outbound = Sie müssen nichts tun: Wir melden unseren Server beim Empfänger an. Das dauert meist einige Stunden.
advice-domain_reputation-inbound = Die Domain des Absenders hat einen schlechten Ruf. Vertrauen Sie ihm, erlauben Sie seine Adresse.
advice-domain_reputation-outbound = Prüfen Sie Website und Konten auf Einbrüche und räumen Sie Ihre Listen auf. Ein guter Ruf kommt langsam zurück.
advice-complaints-inbound = Das kann nur der Absender beheben, indem er nur noch an Menschen schreibt, die es wünschen.
advice-complaints-outbound = Senden Sie nur an Menschen, die es wünschen, und machen Sie das Abmelden leicht.
advice-spam-inbound = Wollten Sie diese Mail, geben Sie sie frei oder holen Sie sie aus dem Spam-Ordner, und erlauben Sie den Absender. Wurde sie abgelehnt, bitten Sie ihn, erneut zu senden.
advice-spam-outbound = Schreiben Sie anders, mit weniger Links, und nur an Menschen, die damit rechnen. Haben Sie sie nicht selbst gesendet, ändern Sie Ihr Passwort.
advice-phishing-inbound = Geben Sie sie nicht frei und folgen Sie keinem Link. Rufen Sie im Zweifel den angeblichen Absender unter einer Nummer an, die Sie kennen.
advice-phishing-outbound = War es wirklich Ihre Mail, entfernen Sie fremde Links und Logos. Haben Sie sie nicht gesendet, ändern Sie sofort Ihr Passwort.
advice-virus-inbound = Lassen Sie sie, wo sie ist. Haben Sie von diesem Absender eine Datei erwartet, sagen Sie ihm, dass sie infiziert war.
advice-virus-outbound = Prüfen Sie Ihren Computer auf Viren, bevor Sie weiter senden, und ändern Sie danach Ihr Passwort.
advice-attachment_banned-inbound = Bitten Sie den Absender um ein PDF oder einen Download-Link. Vertrauen Sie der Datei, kann unser Support sie freigeben.
advice-attachment_banned-outbound = Senden Sie ein PDF oder einen Download-Link.
advice-bad_format-inbound = Das Programm des Absenders erzeugt fehlerhafte Mails. Bitten Sie ihn, ein anderes zu benutzen.
advice-bad_format-outbound = Versuchen Sie es mit einem anderen Mailprogramm und ohne Sonderzeichen in der Adresse. Kam sie von einer Website oder einem Gerät, melden Sie es dem Hersteller.
advice-bad_link-inbound = Kennen Sie den Absender, bitten Sie ihn, ohne den Link zu senden.
advice-bad_link-outbound = Entfernen Sie die Links und senden Sie erneut. War es ein Link auf Ihre eigene Website, prüfen Sie sie auf einen Einbruch.
advice-recipient_block-inbound = Sie oder Ihr Administrator sperren diesen Absender. Nehmen Sie ihn von der Sperrliste, wenn Sie seine Mails möchten.
advice-recipient_block-outbound = Bitten Sie den Empfänger auf anderem Weg, Mails von Ihnen anzunehmen.
advice-not_allowed_group-inbound = Sollen Außenstehende schreiben dürfen, öffnen Sie die Liste oder nehmen Sie den Absender als Mitglied auf.
advice-not_allowed_group-outbound = Bitten Sie den Betreiber der Liste um Schreibrecht, oder benutzen Sie die Adresse, mit der Sie Mitglied sind.
advice-policy_local-inbound = Eine Regel Ihrer Domain oder eine von uns hat gegriffen. Sehen Sie in Ihren Regeln nach, oder fragen Sie unseren Support, welche es war.
advice-policy_local-outbound = Eine Regel hat sie gestoppt. Lesen Sie die Originalantwort unten, oder fragen Sie unseren Support, welche es war.
advice-geo_block-inbound = Erwarten Sie Mails aus diesem Land, erlauben Sie es in den Regeln Ihrer Domain.
advice-geo_block-outbound = Bitten Sie den Empfänger, Mails aus Ihrem Land zuzulassen.
advice-our_fault-inbound = Sie müssen nichts tun. Wir wissen davon und versuchen es weiter; dauert es lange, schreiben Sie unserem Support.
advice-our_fault-outbound = Sie müssen nichts tun. Wir wissen davon; dauert es lange, schreiben Sie unserem Support.
advice-account_suspended-inbound = Geben Sie dem Absender auf anderem Weg Bescheid: In sein Konto wurde vermutlich eingebrochen.
advice-account_suspended-outbound = Prüfen Sie Ihren Computer auf Viren, ändern Sie Ihr Passwort und schreiben Sie dann unserem Support, damit Sie wieder senden können.
advice-unclassified-inbound = Lesen Sie die Originalantwort unten, oder fragen Sie unseren Support. Wir lernen aus jeder neuen Antwort.
advice-unclassified-outbound = Lesen Sie die Originalantwort unten, oder fragen Sie unseren Support. Wir lernen aus jeder neuen Antwort.

## Wer etwas tun kann

actor-sender = der Absender
actor-recipient = der Empfänger
actor-you = Sie
actor-provider = wir, Ihr Mailanbieter
actor-remote = der Mailanbieter der anderen Seite
actor-nobody = niemand muss etwas tun

## Ist es vorbei?

final-yes = Das ist endgültig.
final-no = Das kann sich noch von selbst ändern.
next-try = Nächster Versuch: { $time }

## Wie sicher wir sind

confidence-exact = Sicher erkannt
confidence-code = Am Statuscode erkannt
confidence-guess = Unsere beste Vermutung

## Der Ablauf

trail-received = { $server } wurde kontaktiert
trail-greylisted = { $server } bat, später wiederzukommen
trail-greylist_passed = { $server } kennt den Absender jetzt
trail-refused = { $server } hat sie abgelehnt
trail-refused_for_now = { $server } hat sie noch nicht angenommen
trail-queued = { $server } hat die Mail angenommen
trail-checked = { $server } hat den Inhalt geprüft
trail-quarantined = { $server } hat sie in die Quarantäne gelegt
trail-released = { $server } hat sie aus der Quarantäne freigegeben
trail-passed = { $server } hat sie intern weitergereicht
trail-passed-relay = { $server } hat sie an { $relay } weitergereicht
trail-handed_over = { $server } hat sie übergeben
trail-handed_over-relay = { $server } hat sie an { $relay } übergeben
trail-delivered = { $server } hat sie ins Postfach gelegt
trail-delivered-relay = { $server } hat sie ins Postfach gelegt ({ $relay })
trail-forwarded = { $server } hat sie an eine andere Adresse weitergeleitet
trail-deferred = { $server } hat es vergeblich versucht und versucht es erneut
trail-deferred-relay = { $relay } hat sie noch nicht angenommen; { $server } versucht es erneut
trail-bounced = { $server } konnte sie nicht zustellen
trail-bounced-relay = { $relay } hat sie endgültig zurückgewiesen
trail-expired = { $server } hat aufgegeben
trail-discarded = { $server } hat sie entfernt
trail-held = { $server } hat sie angehalten
trail-unheld = { $server } hat sie wieder freigegeben
trail-reported = { $server } hat dem Absender berichtet
trail-removed = { $server } ist damit fertig
trail-noted = { $server }: { $program }

## Gruppen und Richtungen

family-good = Angekommen
family-wait = Unterwegs
family-held = Angehalten
family-bad = Nicht angekommen
family-none = Ohne Ergebnis
direction-inbound = Empfangen
direction-outbound = Gesendet
