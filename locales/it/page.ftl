### Frasi delle pagine, composte sul server. Orari, dimensioni e durate arrivano già formattati.

## Il registro

log-summary = { $count ->
    [0] Nessuna e-mail
    [one] 1 e-mail
   *[other] { $count } e-mail, le più recenti per prime
}
row-label = { $outcome }: e-mail da { $sender } a { $recipient }, { $day } { $time }
party-no-sender = Sistema di posta (senza mittente)
party-no-recipient = Nessun destinatario indicato
row-written-to = scritta a { $address }
note-bad-day = «{ $value }» non è un giorno ed è stato ignorato. I giorni si scrivono così: 2026-11-22.
note-bad-outcome = «{ $value }» non è un esito ed è stato ignorato.
note-unknown-domain = «{ $value }» non è un dominio di questo account.
fresh-complete = Completo fino alle { $time }
fresh-sources = { $all ->
    [one] { $current } fonte aggiornata su 1
   *[other] { $current } fonti aggiornate su { $all }
}
fresh-newest = ultima riga { $ago } fa
fresh-no-source = Nessun log è stato ancora letto
fresh-unreadable = { $count ->
    [one] 1 fonte non è leggibile in questo momento
   *[other] { $count } fonti non sono leggibili in questo momento
}
fresh-gaps = mancano righe
fresh-more-gaps = { $count ->
    [one] Mancano righe ancora una volta.
   *[other] Mancano righe altre { $count } volte.
}
fresh-problem = La fonte { $name } non è leggibile in questo momento.
fresh-problem-words = La fonte { $name } non è leggibile in questo momento: { $problem }
fresh-unparsed = Fonte { $name }: il { $share } delle righe di posta non è stato capito.
fresh-spooled = Fonte { $name }: { $size } sono stati ricevuti e non ancora salvati.
gap-between = Mancano righe tra { $since } e { $until }
gap-before = Mancano righe prima di: { $until }
gap-details = {" "}({ $details })
gap-source = fonte { $name }
gap-lines = { $count ->
    [one] circa 1 riga
   *[other] circa { $shown } righe
}
clock-ahead = l'orologio del server era avanti

## Nessun risultato

finding-title = Nessun risultato, e anche questo è una risposta
finding-title-goes-on = Niente nella parte più recente
finding-title-empty-log = Ancora nessuna e-mail
finding-not-seen = Nessuno dei nostri server ha visto un'e-mail simile per questi domini.
finding-goes-on = La ricerca è stata interrotta per rispondere in tempo. Si può continuare con «Meno recenti» oppure restringerla.
finding-empty-log = Appena uno dei nostri server gestirà un'e-mail per questi domini, apparirà qui entro pochi secondi.
finding-complete = { $count ->
    [one] Il nostro log è completo fino a: { $time }.
   *[other] Tutte le { $count } fonti di log sono complete fino a: { $time }.
}
finding-no-source = Nessun log è stato ancora letto; sulle e-mail successive non si può dire nulla.
finding-what-now = Se il mittente l'ha davvero inviata, si è fermata prima di arrivare da noi: il suo fornitore può dire dove. Altrimenti conviene controllare l'ortografia o togliere un filtro.
finding-what-now-outbound = Se l'e-mail è stata inviata, non è arrivata al nostro server: conviene guardare nella posta in uscita del proprio programma. Altrimenti conviene controllare l'ortografia o togliere un filtro.
finding-title-gap = Nessun risultato, ma mancano righe
finding-not-seen-gap = Nella parte di log che abbiamo non c'è un'e-mail simile per questi domini. Una parte manca:
finding-complete-else = { $count ->
    [one] Per il resto il nostro log è completo fino a: { $time }.
   *[other] Per il resto tutte le { $count } fonti di log sono complete fino a: { $time }.
}
finding-unreadable = { $count ->
    [one] Una fonte non è leggibile in questo momento; possono mancare e-mail più recenti.
   *[other] { $count } fonti non sono leggibili in questo momento; possono mancare e-mail più recenti.
}
finding-what-now-gap = Un'e-mail di quel periodo può esistere senza comparire qui: la nostra assistenza può verificare. Altrimenti conviene controllare l'ortografia o togliere un filtro.

## Una e-mail

advice-title = Che cosa si può fare
actor-title = Chi può intervenire: { $actor }
related-sender = Tutte le e-mail da { $address }
related-recipient = Tutte le e-mail a { $address }
story-incomplete = Una parte del percorso di questa e-mail manca nel nostro log; il racconto può avere una lacuna.
story-clock-ahead = L'orologio del server era avanti: gli orari qui sono più tardi di quelli reali.
step-tries = { $count } tentativi, l'ultimo alle { $time }
step-later = dopo { $duration }
step-from = da { $client }
step-signed-in = accesso come { $user }
step-encrypted = connessione cifrata
step-score = punteggio spam { $score }

## Dettagli

facts-mail = L'e-mail
facts-origin = Da dove è arrivata
facts-target = Consegna
facts-checks = Controlli
facts-times = Tempi
fact-sender = Da
fact-recipient = A
fact-original-recipient = Scritta a
fact-size = Dimensione
fact-message-id = Message-ID
fact-queue-ids = ID di coda
fact-domain = Dominio
fact-client-name = Server mittente
fact-client-ip = Il suo indirizzo
fact-country = Paese
fact-network = Rete
fact-helo = Presentatosi come
fact-sasl-user = Accesso come
fact-tls = Cifratura
fact-server = Presa in carico da
fact-relay = Consegnata a
fact-relay-ip = Indirizzo di quel server
fact-dsn = Codice di stato
fact-attempts = Tentativi
fact-content = Esito del filtro
fact-spam-score = Punteggio spam
fact-quarantine-id = Quarantena
fact-greylisted = Messa in attesa
fact-connected-at = Arrivata
fact-finished-at = Conclusa
fact-next-attempt = Prossimo tentativo
fact-delay-total = In tutto
fact-delay-queue = In coda
fact-delay-connect = Connessione
fact-delay-transmit = Trasmissione
fact-delay-scan = Controllo
fact-zone = Fuso orario

## Before there is a page

problem-foreign_form-title = Questo modulo non viene da qui
problem-foreign_form-text = Per proteggerla non lo abbiamo accettato: è stato inviato da un altro sito o con un indirizzo diverso da quello di questo portale. Apra di nuovo il portale e riprovi.
problem-too_many_windows-title = Questa pagina è aperta troppe volte
problem-too_many_windows-text = Sono aperte tante pagine quante possono aggiornarsi da sole per una persona. Questa non mostra da sola le nuove e-mail; si prega di chiuderne alcune altre o di ricaricarla ogni tanto.
problem-too_many_viewers-title = In questo momento ci sono troppi utenti
problem-too_many_viewers-text = Per ora questa pagina non mostra da sola le nuove e-mail. Si prega di ricaricarla ogni tanto.

## Spiegare una risposta dalla riga di comando

explain-taken = L'altra parte ha preso la mail.
explain-for-now = Significa «non adesso»: il server mittente riprova da solo.
explain-for-good = È un no definitivo: non si riprova.
explain-no-code = La risposta non ha un codice che dica se si riprova.
explain-sent = Se ha inviato Lei la mail: { $advice }
explain-received = Se la mail era per Lei: { $advice }
explain-answer = La risposta: { $answer }
