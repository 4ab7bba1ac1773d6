### Che fine ha fatto un messaggio, con parole che un cliente capisce. Struttura delle chiavi: vedi ../en/verdict.ftl.

## Che cosa è successo

outcome-delivered = Consegnato
outcome-delivered-meaning = È nella casella sul nostro server.
outcome-junked = Nella posta indesiderata
outcome-junked-meaning = È nella casella, nella cartella della posta indesiderata o contrassegnato come spam.
outcome-handed_over = Affidato
outcome-handed_over-meaning = L'altro fornitore di posta lo ha accettato. Che cosa succede lì non possiamo vederlo.
outcome-forwarded = Inoltrato
outcome-forwarded-meaning = Un alias, una lista o una regola lo ha inoltrato. Il nuovo indirizzo ha una riga propria.
outcome-greylisted = Invitato a ripassare
outcome-greylisted-meaning = Primo contatto: al server del mittente è stato chiesto di riprovare tra qualche minuto.
outcome-deferred = In attesa
outcome-deferred-meaning = Non è ancora riuscito. Si riproverà.
outcome-quarantined = In quarantena
outcome-quarantined-meaning = Sembrava sospetto ed è conservato in quarantena.
outcome-released = Sbloccato
outcome-released-meaning = È stato tolto dalla quarantena ed è in viaggio verso la casella.
outcome-held = Trattenuto
outcome-held-meaning = Per ora lo trattiene il nostro personale o un limite.
outcome-rejected = Rifiutato all'ingresso
outcome-rejected-meaning = Non lo abbiamo accettato. Il server del mittente lo sa subito.
outcome-bounced = Respinto al mittente
outcome-bounced-meaning = È stato rifiutato in modo definitivo dopo che lo avevamo accettato. Il mittente riceve un avviso.
outcome-expired = Abbandonato
outcome-expired-meaning = Si è provato per giorni senza successo. Il mittente riceve un avviso.
outcome-discarded = Eliminato in silenzio
outcome-discarded-meaning = Una regola lo ha eliminato. Nessuno è stato avvisato.
outcome-no_trace = Nessuna traccia
outcome-no_trace-meaning = Nessuno dei nostri server ha visto questo messaggio.
outcome-in_progress = In viaggio
outcome-in_progress-meaning = È su uno dei nostri server. Non ne abbiamo ancora visto la fine.

## La storia in una frase

story-delivered-inbound = Il messaggio di { $sender } è arrivato nella casella { $recipient } il { $date } alle { $time }.
story-delivered-outbound = Il Suo messaggio a { $recipient } è arrivato nella casella sul nostro server il { $date } alle { $time }.
story-junked-inbound = Il messaggio di { $sender } è nella posta indesiderata di { $recipient } dal { $date }, { $time }.
story-junked-outbound = Il Suo messaggio a { $recipient } è stato messo nella posta indesiderata il { $date } alle { $time }.
story-handed_over-inbound = Il messaggio di { $sender } a { $recipient } è stato affidato a un altro fornitore di posta il { $date } alle { $time }.
story-handed_over-inbound-relay = Il messaggio di { $sender } a { $recipient } è stato accettato da { $relay } il { $date } alle { $time }.
story-handed_over-outbound = Il Suo messaggio a { $recipient } è stato accettato dall'altro fornitore di posta il { $date } alle { $time }.
story-handed_over-outbound-relay = Il Suo messaggio a { $recipient } è stato accettato da { $relay } il { $date } alle { $time }.
story-forwarded-inbound = Il messaggio di { $sender } a { $recipient } è stato inoltrato a un altro indirizzo il { $date } alle { $time }.
story-forwarded-outbound = Il Suo messaggio a { $recipient } è stato inoltrato a un altro indirizzo il { $date } alle { $time }.
story-greylisted-inbound = Al messaggio di { $sender } a { $recipient } è stato chiesto di ripassare il { $date } alle { $time }. Al primo contatto è normale.
story-greylisted-inbound-next = Al messaggio di { $sender } a { $recipient } è stato chiesto di ripassare il { $date } alle { $time }. Il prossimo tentativo è previsto alle { $next }.
story-greylisted-inbound-final = Al messaggio di { $sender } a { $recipient } è stato chiesto di ripassare il { $date } alle { $time }, ma non è più tornato.
story-greylisted-outbound = Il Suo messaggio a { $recipient } è stato rimandato di poco il { $date } alle { $time }. Al primo contatto è normale.
story-greylisted-outbound-next = Il Suo messaggio a { $recipient } è stato rimandato di poco il { $date } alle { $time }. Il prossimo tentativo è previsto alle { $next }.
story-greylisted-outbound-final = Il Suo messaggio a { $recipient } è stato rimandato di poco il { $date } alle { $time } e non è stato ritentato.
story-deferred-inbound = Il messaggio di { $sender } a { $recipient } è ancora in attesa. L'ultimo tentativo è del { $date } alle { $time }.
story-deferred-inbound-next = Il messaggio di { $sender } a { $recipient } è ancora in attesa. L'ultimo tentativo è del { $date } alle { $time }, il prossimo è previsto alle { $next }.
story-deferred-inbound-relay = Il messaggio di { $sender } a { $recipient } è ancora in attesa: { $relay } non lo ha accettato il { $date } alle { $time }.
story-deferred-outbound = Il Suo messaggio a { $recipient } è ancora in attesa. Abbiamo provato il { $date } alle { $time } e riproveremo.
story-deferred-outbound-next = Il Suo messaggio a { $recipient } è ancora in attesa. Abbiamo provato il { $date } alle { $time } e riproviamo alle { $next }.
story-deferred-outbound-relay = Il Suo messaggio a { $recipient } è ancora in attesa: { $relay } non lo ha accettato il { $date } alle { $time }. Riproveremo.
story-quarantined-inbound = Il messaggio di { $sender } a { $recipient } è in quarantena dal { $date }, { $time }.
story-quarantined-outbound = Il Suo messaggio a { $recipient } è stato messo in quarantena il { $date } alle { $time }.
story-released-inbound = Il messaggio di { $sender } a { $recipient } è stato tolto dalla quarantena il { $date } alle { $time }.
story-released-outbound = Il Suo messaggio a { $recipient } è stato tolto dalla quarantena il { $date } alle { $time }.
story-held-inbound = Il messaggio di { $sender } a { $recipient } è trattenuto da noi dal { $date }, { $time }.
story-held-outbound = Il Suo messaggio a { $recipient } è trattenuto da noi dal { $date }, { $time }.
story-rejected-inbound = Abbiamo rifiutato un messaggio di { $sender } a { $recipient } il { $date } alle { $time }.
story-rejected-outbound = Non abbiamo accettato il Suo messaggio a { $recipient } il { $date } alle { $time }.
story-bounced-inbound = Il messaggio di { $sender } a { $recipient } non si è potuto consegnare il { $date } alle { $time } ed è tornato al mittente.
story-bounced-inbound-relay = { $relay } ha respinto il messaggio di { $sender } a { $recipient } il { $date } alle { $time }. È tornato al mittente.
story-bounced-outbound = Il Suo messaggio a { $recipient } è stato respinto in modo definitivo il { $date } alle { $time } e Le è tornato indietro.
story-bounced-outbound-relay = { $relay } ha respinto in modo definitivo il Suo messaggio a { $recipient } il { $date } alle { $time }. Le è tornato indietro.
story-expired-inbound = Il messaggio di { $sender } a { $recipient } è stato abbandonato il { $date } alle { $time } dopo molti tentativi.
story-expired-outbound = Abbiamo abbandonato il Suo messaggio a { $recipient } il { $date } alle { $time } dopo molti tentativi.
story-discarded-inbound = Un messaggio di { $sender } a { $recipient } è stato eliminato da una regola il { $date } alle { $time }.
story-discarded-outbound = Il Suo messaggio a { $recipient } è stato eliminato da una regola il { $date } alle { $time }.
story-no_trace-inbound = Nessuno dei nostri server ha visto un messaggio di { $sender } a { $recipient }.
story-no_trace-outbound = Nessuno dei nostri server ha visto il Suo messaggio a { $recipient }.
story-in_progress-inbound = Il messaggio di { $sender } a { $recipient } è entrato il { $date } alle { $time } e sta passando per i nostri server.
story-in_progress-outbound = Il Suo messaggio a { $recipient } è entrato il { $date } alle { $time } ed è in viaggio.
sender-none = un sistema di posta
recipient-none = un destinatario non indicato

## Perché

reason-ok = È andato tutto bene.
reason-user_unknown = Questa casella non esiste.
reason-domain_unknown = La parte dopo la @ non esiste o non riceve posta.
reason-mailbox_disabled = La casella è disattivata o sospesa.
reason-moved = L'indirizzo è stato sostituito da un altro.
reason-sender_invalid = L'indirizzo o il dominio del mittente non è valido.
reason-mailbox_full = La casella è piena.
reason-too_large = Il messaggio è più grande del consentito.
reason-too_many_rcpts = Il messaggio aveva troppi destinatari in una volta.
reason-remote_overload = Il sistema ricevente era sovraccarico.
reason-greylist_new = Era il primo contatto: ai server che non si conoscono ancora si chiede di aspettare qualche minuto.
reason-rate_sender = È stata inviata troppa posta in poco tempo.
reason-rate_recipient = In questo momento la casella riceve troppa posta.
reason-too_many_conn = C'erano troppe connessioni contemporanee.
reason-dns_failure = Non si è riusciti a trovare l'indirizzo di un server di posta.
reason-unreachable = Un server di posta non ha risposto o ha interrotto il collegamento.
reason-tls_failed = Era richiesta una connessione sicura e non è riuscita.
reason-loop = Il messaggio girava in tondo.
reason-timeout_expired = Si è provato per diversi giorni senza successo.
reason-spf_fail = Secondo il dominio del mittente questo server non può inviare per suo conto (SPF).
reason-dkim_fail = La firma del messaggio manca o non è valida (DKIM).
reason-dmarc_fail = Non è dimostrato che il messaggio venga dal mittente indicato (DMARC).
reason-ptr_missing = Il server che invia non ha un nome corretto.
reason-helo_bad = Il server che invia si è presentato in modo sbagliato.
reason-auth_required = Il mittente non aveva effettuato l'accesso per inviare.
reason-relay_denied = Questo server non è responsabile per l'indirizzo del destinatario.
reason-sender_mismatch = Questo account non può usare questo indirizzo di mittente.
reason-ip_listed = Il server che invia è in una lista di blocco.
reason-ip_unknown = Il destinatario non conosce ancora il server che invia.
reason-domain_reputation = Il dominio del mittente è considerato fonte di posta indesiderata.
reason-complaints = Troppe persone hanno segnato come spam la posta di questo mittente.
reason-spam = Sembrava posta indesiderata.
reason-phishing = Finge di venire da qualcun altro.
reason-virus = Conteneva software dannoso.
reason-attachment_banned = Conteneva un tipo di file che non viene accettato.
reason-bad_format = Il messaggio ha un difetto tecnico.
reason-bad_link = Un link contenuto è in una lista di avvertimento.
reason-recipient_block = Il destinatario o la sua azienda non accetta posta da questo mittente.
reason-not_allowed_group = La lista o il gruppo accetta posta solo dai suoi membri.
reason-policy_local = Lo ha fermato una regola del dominio o del fornitore di posta.
reason-geo_block = Lì non si accetta posta da quel Paese.
reason-our_fault = Il nostro sistema ha avuto un errore.
reason-account_suspended = L'invio è sospeso perché l'account sembra violato.
reason-unclassified = Per questa risposta non abbiamo ancora parole semplici. Il testo originale è qui sotto.

## Che cosa può fare

advice-ok-inbound = Niente da fare. Se non lo trova, guardi nella posta indesiderata e nelle Sue regole di filtro.
advice-ok-outbound = Niente da fare. Se non è stato visto, chieda al destinatario di guardare nella posta indesiderata.
advice-user_unknown-inbound = Se l'indirizzo deve esistere, lo crei come casella o come alias. Altrimenti comunichi al mittente quello giusto.
advice-user_unknown-outbound = Controlli l'ortografia. Se è giusta, chieda per telefono l'indirizzo attuale e tolga quello vecchio dalle Sue liste.
advice-domain_unknown-inbound = La destinazione di un inoltro non esiste più. Controlli i Suoi inoltri.
advice-domain_unknown-outbound = Controlli se c'è un errore di battitura dopo la @.
advice-mailbox_disabled-inbound = Se la casella deve funzionare, la riattivi o scriva alla nostra assistenza.
advice-mailbox_disabled-outbound = Contatti la persona in un altro modo e chieda un altro indirizzo.
advice-moved-inbound = Comunichi al mittente il nuovo indirizzo o imposti un inoltro.
advice-moved-outbound = Usi il nuovo indirizzo. Spesso è scritto nella risposta originale qui sotto.
advice-sender_invalid-inbound = Può rimediare solo il mittente. Gli dica che il suo indirizzo di invio non esiste.
advice-sender_invalid-outbound = Corregga l'indirizzo del mittente nel Suo programma di posta. Il dominio deve esistere e poter ricevere posta.
advice-mailbox_full-inbound = Cancelli la posta vecchia, svuoti la posta indesiderata o chieda più spazio. Poi il mittente può inviare di nuovo.
advice-mailbox_full-outbound = Chieda al destinatario di fare spazio. Finché è «In attesa» continuiamo a provare.
advice-too_large-inbound = Chieda al mittente un link per scaricare il file.
advice-too_large-outbound = Mandi un link per scaricare il file o invii in più parti.
advice-too_many_rcpts-inbound = Può rimediare solo il mittente, inviando a gruppi più piccoli.
advice-too_many_rcpts-outbound = Invii a meno destinatari per volta o usi un servizio di newsletter.
advice-remote_overload-inbound = Niente da fare. Si riprova da solo.
advice-remote_overload-outbound = Niente da fare. Riproviamo da soli.
advice-greylist_new-inbound = Niente da fare, arriva in pochi minuti. Se non arriva mai, la colpa è del server del mittente e possiamo fare un'eccezione.
advice-greylist_new-outbound = Niente da fare. Il prossimo tentativo di solito riesce.
advice-rate_sender-inbound = Niente da fare. Il mittente deve rallentare.
advice-rate_sender-outbound = Invii più lentamente. Se non ha inviato Lei tutta quella posta, cambi la password: forse qualcuno usa il Suo account.
advice-rate_recipient-inbound = La Sua casella riceve insolitamente tanta posta. Si riproverà; se continua, scriva alla nostra assistenza.
advice-rate_recipient-outbound = Niente da fare. Più tardi riuscirà.
advice-too_many_conn-inbound = Niente da fare. Il fornitore del mittente riprova.
advice-too_many_conn-outbound = Niente da fare. Adattiamo i nostri server e riproviamo.
advice-dns_failure-inbound = Di solito passa. Se resta così, il dominio del mittente è configurato male.
advice-dns_failure-outbound = Di solito passa e noi riproviamo. Se resta così, il dominio del destinatario è configurato male.
advice-unreachable-inbound = Si riprova da solo. Se dura più di un'ora, scriva alla nostra assistenza.
advice-unreachable-outbound = Proviamo per alcuni giorni. Se è urgente, telefoni al destinatario.
advice-tls_failed-inbound = I due server di posta non trovano una connessione sicura. Scriva alla nostra assistenza, ce ne occupiamo.
advice-tls_failed-outbound = Il fornitore del destinatario deve sistemare il certificato o la cifratura. Lo avvisi; noi continuiamo a provare.
advice-loop-inbound = Controlli i Suoi inoltri: probabilmente due indirizzi inoltrano l'uno all'altro.
advice-loop-outbound = Gli inoltri del destinatario girano in tondo. Lo avvisi in un altro modo.
advice-timeout_expired-inbound = Chieda al mittente di inviare di nuovo adesso.
advice-timeout_expired-outbound = Invii di nuovo quando il sistema del destinatario funziona. Nel dubbio chieda per telefono.
advice-spf_fail-inbound = Se conosce il mittente, gli dica di correggere il suo record SPF. Se si fa inoltrare la posta da altrove, la faccia piuttosto prelevare.
advice-spf_fail-outbound = Aggiunga il server che invia al record SPF del Suo dominio, o invii sempre tramite i nostri server.
advice-dkim_fail-inbound = Se conosce il mittente, gli dica che la sua firma (DKIM) non è valida.
advice-dkim_fail-outbound = Attivi DKIM per il Suo dominio e controlli la chiave nel DNS.
advice-dmarc_fail-inbound = Se conosce il mittente, gli dica che SPF o DKIM deve corrispondere all'indirizzo visibile. Altrimenti era un falso, ed è un bene che sia stato fermato.
advice-dmarc_fail-outbound = Imposti SPF o DKIM in modo che corrisponda al dominio del Suo indirizzo. La aiutiamo volentieri.
advice-ptr_missing-inbound = Il fornitore del mittente deve dare un nome corretto al suo server (DNS inverso). Lo dica al mittente.
advice-ptr_missing-outbound = Lei non deve fare niente: dobbiamo dare noi un nome corretto al nostro server. Lo segnali alla nostra assistenza.
advice-helo_bad-inbound = Il fornitore del mittente deve correggere la configurazione del suo server. Lo dica al mittente.
advice-helo_bad-outbound = Se invia tramite noi con un Suo server, ne corregga il nome HELO. Altrimenti lo segnali alla nostra assistenza.
advice-auth_required-inbound = Può rimediare solo il mittente, accedendo al proprio server di posta.
advice-auth_required-outbound = Attivi nel Suo programma di posta «il server richiede l'autenticazione», con l'indirizzo completo e la password.
advice-relay_denied-inbound = Se il dominio deve essere da noi, controlli che sia configurato qui e che il suo record MX sia giusto.
advice-relay_denied-outbound = Acceda al server della posta in uscita. Se l'aveva fatto, il dominio del destinatario punta al server sbagliato: lo avvisi.
advice-sender_mismatch-inbound = Può rimediare solo il mittente, usando un indirizzo proprio.
advice-sender_mismatch-outbound = Usi un indirizzo che appartiene al Suo account o faccia aggiungere questo.
advice-ip_listed-inbound = Il fornitore del mittente deve far togliere il suo server dalla lista. Se si fida del mittente, ci chieda un'eccezione.
advice-ip_listed-outbound = Lei non deve fare niente: chiediamo noi la rimozione dalla lista. Se è urgente, avvisi il destinatario in un altro modo.
advice-ip_unknown-inbound = Il fornitore del mittente deve farsi conoscere. Lo dica al mittente.
advice-ip_unknown-outbound = Lei non deve fare niente: registriamo noi il nostro server presso il destinatario. Di solito ci vogliono alcune ore.
advice-domain_reputation-inbound = Il dominio del mittente ha una cattiva fama. Se si fida, autorizzi l'indirizzo.
advice-domain_reputation-outbound = Controlli se il sito e gli account sono stati violati e ripulisca le liste. La buona fama torna lentamente.
advice-complaints-inbound = Può rimediare solo il mittente, scrivendo solo a chi lo desidera.
advice-complaints-outbound = Invii solo a chi lo ha chiesto e renda facile disiscriversi.
advice-spam-inbound = Se voleva questo messaggio, lo sblocchi o lo tolga dalla posta indesiderata e autorizzi il mittente. Se è stato rifiutato, chieda al mittente di inviarlo di nuovo.
advice-spam-outbound = Lo scriva in altro modo, con meno link, e solo a chi se lo aspetta. Se non lo ha inviato Lei, cambi la password.
advice-phishing-inbound = Non lo sblocchi e non segua i suoi link. Nel dubbio telefoni al presunto mittente a un numero che conosce.
advice-phishing-outbound = Se era davvero Suo, tolga link e loghi altrui. Se non lo ha inviato Lei, cambi subito la password.
advice-virus-inbound = Lo lasci dov'è. Se aspettava un file da questo mittente, gli dica che era infetto.
advice-virus-outbound = Controlli il computer con un antivirus prima di inviare altro e poi cambi la password.
advice-attachment_banned-inbound = Chieda al mittente un PDF o un link. Se si fida del file, la nostra assistenza può sbloccarlo.
advice-attachment_banned-outbound = Lo invii come PDF o mandi un link.
advice-bad_format-inbound = Il programma del mittente crea messaggi difettosi. Gli chieda di usarne un altro.
advice-bad_format-outbound = Provi con un altro programma di posta e senza caratteri speciali nell'indirizzo. Se veniva da un sito o da un apparecchio, lo dica al produttore.
advice-bad_link-inbound = Se conosce il mittente, gli chieda di inviarlo senza il link.
advice-bad_link-outbound = Tolga i link e invii di nuovo. Se era un link al Suo sito, controlli che non sia stato violato.
advice-recipient_block-inbound = Lei o il Suo amministratore bloccate questo mittente. Se vuole la sua posta, lo tolga dalla lista.
advice-recipient_block-outbound = Chieda al destinatario in un altro modo di accettare la Sua posta.
advice-not_allowed_group-inbound = Se anche gli esterni devono poter scrivere, apra la lista o aggiunga il mittente come membro.
advice-not_allowed_group-outbound = Chieda al gestore della lista di poter scrivere o usi l'indirizzo con cui è membro.
advice-policy_local-inbound = È intervenuta una regola del Suo dominio o nostra. Guardi le Sue regole o chieda alla nostra assistenza quale era.
advice-policy_local-outbound = Lo ha fermato una regola. Legga la risposta originale qui sotto o chieda alla nostra assistenza quale era.
advice-geo_block-inbound = Se aspetta posta da quel Paese, lo autorizzi nelle regole del Suo dominio.
advice-geo_block-outbound = Chieda al destinatario di autorizzare la posta dal Suo Paese.
advice-our_fault-inbound = Lei non deve fare niente. Ne siamo al corrente e riproviamo; se dura a lungo, scriva alla nostra assistenza.
advice-our_fault-outbound = Lei non deve fare niente. Ne siamo al corrente; se dura a lungo, scriva alla nostra assistenza.
advice-account_suspended-inbound = Avvisi il mittente in un altro modo: il suo account è stato probabilmente violato.
advice-account_suspended-outbound = Controlli il computer con un antivirus, cambi la password e poi scriva alla nostra assistenza per riattivare l'invio.
advice-unclassified-inbound = Legga la risposta originale qui sotto o chieda alla nostra assistenza. Impariamo da ogni nuova risposta.
advice-unclassified-outbound = Legga la risposta originale qui sotto o chieda alla nostra assistenza. Impariamo da ogni nuova risposta.

## Chi può agire

actor-sender = il mittente
actor-recipient = il destinatario
actor-you = Lei
actor-provider = noi, il Suo fornitore di posta
actor-remote = il fornitore di posta dell'altra parte
actor-nobody = nessuno deve fare niente

## È finita?

final-yes = È definitivo.
final-no = Può ancora cambiare da solo.
next-try = Prossimo tentativo: { $time }

## Quanto siamo sicuri

confidence-exact = Riconosciuto con certezza
confidence-code = Riconosciuto dal codice di stato
confidence-guess = La nostra ipotesi migliore

## Il percorso

trail-received = { $server } è stato contattato
trail-greylisted = { $server } ha chiesto di ripassare più tardi
trail-greylist_passed = { $server } ora conosce il mittente
trail-refused = { $server } lo ha rifiutato
trail-refused_for_now = { $server } non lo ha ancora accettato
trail-queued = { $server } ha accettato il messaggio
trail-checked = { $server } ha controllato il contenuto
trail-quarantined = { $server } lo ha messo in quarantena
trail-released = { $server } lo ha tolto dalla quarantena
trail-passed = { $server } lo ha passato all'interno
trail-passed-relay = { $server } lo ha passato a { $relay }
trail-handed_over = { $server } lo ha affidato
trail-handed_over-relay = { $server } lo ha affidato a { $relay }
trail-delivered = { $server } lo ha messo nella casella
trail-delivered-relay = { $server } lo ha messo nella casella ({ $relay })
trail-forwarded = { $server } lo ha inoltrato a un altro indirizzo
trail-deferred = { $server } ha provato senza successo e riproverà
trail-deferred-relay = { $relay } non lo ha ancora accettato; { $server } riproverà
trail-bounced = { $server } non ha potuto consegnarlo
trail-bounced-relay = { $relay } lo ha respinto in modo definitivo
trail-expired = { $server } ha rinunciato
trail-discarded = { $server } lo ha eliminato
trail-held = { $server } lo ha trattenuto
trail-unheld = { $server } lo ha lasciato proseguire
trail-reported = { $server } ha avvisato il mittente
trail-removed = { $server } ha finito
trail-noted = { $server }: { $program }

## Gruppi e direzioni

family-good = Arrivato
family-wait = In viaggio
family-held = Trattenuto
family-bad = Non arrivato
family-none = Senza esito
direction-inbound = Ricevuto
direction-outbound = Inviato
