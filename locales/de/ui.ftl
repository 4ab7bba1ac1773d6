### Wörter der Oberfläche. Nur diese Datei geht an den Browser; Sätze mit Argumenten stehen in page.ftl.

## Rahmen

skip-to-content = Zum Inhalt springen
nav-main = Hauptmenü
nav-mail-log = Mailverlauf
language = Sprache
language-en = English
language-de = Deutsch
language-it = Italiano
sign-out = Abmelden

## Anmelden

sign-in = Anmelden
sign-in-title = Was ist aus meiner Mail geworden?
sign-in-lead = Melden Sie sich an und sehen Sie jede Mail Ihrer Domains: ob sie ankam, warum nicht und was jetzt hilft.
sign-in-login = Anmeldename oder E-Mail-Adresse
sign-in-password = Passwort
sign-in-refused = Anmeldename und Passwort passen nicht zusammen. Bitte prüfen Sie beide.
sign-in-too_many = Zu viele Versuche. Bitte warten Sie einige Minuten und versuchen Sie es dann noch einmal.
sign-in-ended = Ihre Sitzung ist abgelaufen. Bitte melden Sie sich wieder an.

## Suchen

search = Suchen
search-more = Weitere Filter
filters = Filter
filters-clear = Alle aufheben
field-text = Text
field-text-label = Suche nach Adresse, Betreff, Message-ID oder Queue-ID
field-text-placeholder = Adresse, Betreff, Message-ID oder Queue-ID
field-sender = Von
field-recipient = An
field-address-placeholder = Adresse oder Teil
field-since = Erster Tag
field-until = Letzter Tag
field-outcome = Was daraus wurde
field-domain = Domain
field-direction = Richtung
any = Alles
all-domains = Alle Domains
outcome-groups = Kurz gefasst
outcome-exactly = Genau
direction-any = Alle Mails

## Der Mailverlauf

mail-log = Mailverlauf
column-time = Zeit
column-outcome = Was daraus wurde
column-sender = Von
column-recipient = An
column-subject = Betreff
column-answer = Antwort
subject-none = kein Betreff bekannt
pager = Seiten
pager-newer = Neuere
pager-older = Ältere
finding-asked = Gesucht haben Sie nach
fresh-what = Einzelheiten

## Eine Mail

mail = Mail
subject = Betreff:
related = Weitere Mails
facts = Einzelheiten
timeline = Was geschehen ist
attempts = Alle Versuche
reply = Die Antwort im Original
raw-lines = Original-Logzeilen

## Wenn etwas nicht da ist

problem-reference = Kennung:
problem-to-log = Zum Mailverlauf
problem-not_found-title = Hier ist nichts
problem-not_found-text = Diese Seite oder Mail gibt es nicht, oder sie gehört jemand anderem.
problem-signed_out-title = Sie sind abgemeldet
problem-signed_out-text = Bitte melden Sie sich wieder an, um diese Seite zu sehen.
problem-too_long-title = Das hat zu lange gedauert
problem-too_long-text = Die Suche war zu weit gefasst. Bitte nennen Sie einen Tag, einen Absender oder einen Empfänger.
problem-offline-title = Keine Verbindung
problem-offline-text = Unser Server ist nicht erreichbar. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
problem-failed-title = Bei uns ist etwas schiefgegangen
problem-failed-text = Wir konnten diese Seite nicht zeigen. Bitte versuchen Sie es noch einmal; passiert es wieder, nennen Sie unserem Support bitte die Kennung.
