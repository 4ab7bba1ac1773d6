### Parole dell'interfaccia. Solo questo file va al browser; le frasi con argomenti sono in page.ftl.

## Cornice

skip-to-content = Vai al contenuto
nav-main = Menu principale
nav-mail-log = Registro e-mail
language = Lingua
language-en = English
language-de = Deutsch
language-it = Italiano
sign-out = Esci

## Accesso

sign-in = Accedi
sign-in-title = Che fine ha fatto la mia e-mail?
sign-in-lead = Dopo l'accesso si vede ogni e-mail dei propri domini: se è arrivata, perché no e che cosa fare.
sign-in-login = Nome utente o indirizzo e-mail
sign-in-password = Password
sign-in-refused = Nome utente e password non corrispondono. Si prega di controllarli entrambi.
sign-in-too_many = Troppi tentativi. Si prega di riprovare tra qualche minuto.
sign-in-ended = La sessione è scaduta. Si prega di accedere di nuovo.

## Ricerca

search = Cerca
search-more = Altri filtri
filters = Filtri
filters-clear = Azzera tutto
field-text = Testo
field-text-label = Cerca un indirizzo, un oggetto, un Message-ID o un ID di coda
field-text-placeholder = Indirizzo, oggetto, Message-ID o ID di coda
field-sender = Da
field-recipient = A
field-address-placeholder = indirizzo o parte
field-since = Primo giorno
field-until = Ultimo giorno
field-outcome = Che fine ha fatto
field-domain = Dominio
field-direction = Direzione
any = Tutto
all-domains = Tutti i domini
outcome-groups = In breve
outcome-exactly = In dettaglio
direction-any = Tutte le e-mail

## Il registro

mail-log = Registro e-mail
column-time = Ora
column-outcome = Che fine ha fatto
column-sender = Da
column-recipient = A
column-subject = Oggetto
column-answer = Risposta
subject-none = oggetto non noto
pager = Pagine
pager-newer = Più recenti
pager-older = Meno recenti
finding-asked = La ricerca
fresh-what = Dettagli

## Una e-mail

mail = E-mail
subject = Oggetto:
related = Ricerche collegate
facts = Dettagli
timeline = Che cosa è successo
attempts = Tutti i tentativi
reply = La risposta originale
raw-lines = Righe di log originali

## Quando manca qualcosa

problem-reference = Riferimento:
problem-to-log = Al registro e-mail
problem-not_found-title = Qui non c'è niente
problem-not_found-text = Questa pagina o e-mail non esiste, oppure appartiene a qualcun altro.
problem-signed_out-title = Sessione terminata
problem-signed_out-text = Si prega di accedere di nuovo per vedere questa pagina.
problem-too_long-title = Ci è voluto troppo tempo
problem-too_long-text = La ricerca era troppo ampia. Si prega di indicare un giorno, un mittente o un destinatario.
problem-offline-title = Nessuna connessione
problem-offline-text = Il nostro server non è raggiungibile. Si prega di controllare la connessione e riprovare.
problem-failed-title = Qualcosa è andato storto da parte nostra
problem-failed-text = Non è stato possibile mostrare questa pagina. Si prega di riprovare; se succede ancora, comunicare il riferimento alla nostra assistenza.
