"""Common last names of Europe and beyond, to tell a column of names from other words.

Names that are ordinary words, months, cities, diagnoses or genes as well are left out where they
would mislead: what counts is that a column of names meets the list often, not that it is complete.
"""

from __future__ import annotations

_NAMES = """
aalto aaltonen aarts abrahamsson adams adamsson agarwal aguilar ahlberg ahlgren ahlström ahmed
alanko albrecht alexandersson allen almeida almqvist alvarez amundsen andersen anderson andersson
andreasen andreassen andreasson andrews antonsen antonsson aronsson arvidsson asikainen askelund
asplund aström augustsson axelsen axelsson baert bakke bakken bakker balogh banerjee barbieri
bauer baumann bax becker beckman beckström bekker bengtsson bennett berg berge berger bergeron
berggren berglund bergman bergmann bergquist bergqvist bergsten bergstrand bergstrom bergström
bernard bernardi bertelsen bertrand bianchi bjerke bjork bjorklund björk björklund björkman
björnsson blanc blanco blom blomberg blomqvist boberg bogdanov boman borg borgström bosman boström
bouchard bouwman boyd bradley brandt bratt brekke brennan brinkmann broberg broman brooks brouwer
bruun bryant buchanan busch byrne bäck bäckström böhm böhme børresen cabrera caldwell callahan
campbell campos cano caputo cardoso carlberg carlsen carlson carlsson carpentier caruso carvalho
castro cederberg cerny chakraborty chandler chaudhry chavez chevalier chowdhury christensen
christiansen christoffersen claessens claesson clarke clausen clemensson clément cohen collins
colombo conti cooper coppens cornelissen correia costa cruz cunningham czajkowski dahl dahlberg
dahlgren dahlin dahlström danielsen danielsson davidsen davidsson davies davis dekker delgado
deluca demir deshpande desmet diaz dietrich dijkstra dominguez domínguez dubois dufour dupont
durand duval díaz eckert edlund edwards eide ekberg ekblad eklund ekman ekstrand ekström ellingsen
elliott elmqvist emanuelsson engberg engdahl engelbrecht engqvist engstrom engström enoksen
enqvist erdmann erickson ericsson eriksen erikson eriksson erlandsson escobar espinoza esposito
estrada evans evensen fabre fagerberg falk farkas ferguson fernandes fernandez fernández ferrara
ferrari ferreira figueroa filipsson fischer fitzgerald fjeld flodin flores folkesson fontaine
forsberg forsell forslund forsman forsström fournier frandsen franke fransson franzén frederiksen
fredriksen fredriksson friberg friedman friedrich friis fuchs fuentes gallagher gallego gallo
garcia garcía garnier gauthier gavrilov geerts georgiou gerhardsson gibson giordano girard giraud
gomes gomez gonzales gonzalez gonzález gonçalves gottlieb grahn granberg granholm granlund
granqvist granström gregersen groen groth grubb grönberg grönlund grönroos grøn gulbrandsen
gullberg gunnarsson gunther gupta gustafson gustafsson gustavsen gustavsson gutierrez gutiérrez
guzman gómez günther haapala hagberg hagen haglund hakala hakansson hallberg hallgren halonen
halvorsen hamalainen hammarström hansen hanson hansson haraldsen haraldsson harju harper harris
harrison hartmann hartvigsen hasselgren hauge haugen haugland havel hedberg hedlund hedman
hedström hegarty heikkilä heikkinen heinonen heinrich heinz helgesen helin hellberg hellman
hellström hemmingsen hendricks hendriks hendriksen hendriksson henriksen henriksson hermans
hermansen hermansson hernandez hernández herrera herrmann hietala hiltunen hjalmarsson hjelm hjort
hoang hodges hoekstra hofer hoffman hoffmann hofman hofmann holm holmberg holmgren holmlund
holmqvist holmström holst holten honkanen horvat horvath horváth hosseini huber hughes huisman
hult hultgren hussain huttunen huynh hyvönen häggström hämäläinen härkönen håkansson hållberg
högberg höglund hökby ibsen ilves ingebrigtsen ingvarsson isaksen isaksson israelsson ivanov
ivanova ivarsson iversen jaakkola jackson jacobsen jacobson jacobsson jakobsen jakobsson janowski
jansen janssen janssens jansson jarvinen jenkins jensen jeppesen jepsen jespersen jessen jimenez
jiménez johannesen johannessen johannesson johansen johanson johansson johnsen johnson johnsson
johnston johnstone jokinen jonasson jones jonsson jorgensen josefsson joshi juarez jungberg
juntunen justesen jutila järvelä järvinen jääskeläinen jönsson jørgensen kaasalainen kallio
kaminski kamiński kangas kapoor karjalainen karlberg karlsen karlson karlsson karlström karppinen
kaufmann kaur keller kelly kemppainen kennedy kettunen khan kivelä kiviniemi kjeldsen kjellberg
kjær klausen klein knudsen knudtsen knutsen knutsson kobayashi koch koivisto kolehmainen
komulainen konradsson koponen korhonen koskela koskinen kovacs kovalenko kovač kovács kowalczyk
kowalska kowalski kozłowski kramer kristensen kristiansen kristiansson kristoffersen
kristoffersson krogh kroon kruse krämer krüger kuipers kumar kuosmanen kuznetsov kvist kärkkäinen
köhler laakso laaksonen lagerström lahti lahtinen laine laitinen lambert lammers lampinen
landström langlois larsen larsson lassen laukkanen laurent lauridsen lauritzen laursen lebedev
leclerc lefebvre lefèvre lehmann lehtinen lehto lehtonen leino lemaire lemmens lennartsson leppälä
leppänen leroux leroy lewandowski lewis lilja liljegren lind lindahl lindberg lindblad lindblom
lindbäck linde lindell lindeman linderholm lindfors lindgren lindholm lindkvist lindman lindmark
lindqvist lindroos lindroth lindstedt lindstrand lindstrom lindström linnarsson litvinov ljung
ljungberg ljunggren ljungqvist lodewijks lofgren loikkanen lombardi lopes lopez lorentzen lorenz
lund lundahl lundberg lundblad lundeberg lundell lundgren lundholm lundin lundkvist lundmark
lundqvist lundstedt lundsten lundstrom lundström luoma lópez löfberg löfgren löfström lönnqvist
lövgren macdonald machado maciel mackenzie madsen magnussen magnusson mahmood maier makela makinen
malinen malmberg malmgren malmqvist malmström mancini manninen markkanen markussen marques marquez
martens martensson martikainen martin martinelli martinez martins martinsen martinsson martín
martínez mathiesen mathisen mattila mattsson mazur mccarthy mcdonald mckenzie mclean medina mehta
meier meijer melander melin mendes mendez mendoza mercier merkel mertens meyer michaelsen michaud
michel michelsen miettinen mikkelsen mikkola mikkonen mitchell moberg modig moeller mogensen
mohamud molander molin molina molnár monsen montanari morales moreau moreira moreno moretti morgan
morin morozov morris morrison mortensen mouton mueller mukherjee mulder muller munoz murphy murray
murtagh muñoz myhre myrberg mäkelä mäki mäkinen månsson mårtensson møller müller naess nagy nair
nakamura navarro neumann nguyen nicolai nicolaisen niedermeier nielsen niemelä nieminen nikolaev
nilsen nilsson niskanen norberg nordahl nordberg nordgren nordin nordlund nordmark nordqvist
nordstrom nordström norman norrman norén novak novikov novák nowak nunes nurmi nuñez nyberg
nygaard nygren nygård nykänen nylander nylund nyman nyqvist nystrom nyström næss o'brien o'connor
o'neill o'sullivan odegaard ojala oksanen olausson oliveira olofsson olsen olson olsson omdahl
orlov ortiz osman ostberg overgaard ozturk paananen padilla palm palmgren palmqvist papadopoulos
parikka parker parkkinen partanen pasanen patel paulsen paulsson pavlov pawlak pawłowski pedersen
peeters pehrsson pekkanen pelkonen pellegrini pelletier peltola peltonen pelttari penttilä pereira
perera perez perrin perron persson perälä pesonen peters petersen peterson petersson petrov
petrova petrovic pettersen petterson pettersson peña pfeiffer pham philips phillips picard pieters
pietilainen pietilä pihl piirainen pineda pires pitkänen pohjola poikonen popescu popov popovic
portin poulsen powell putkonen puusaari pérez pöllänen raatikainen radford rahman rajala ramirez
ramos ramström ramírez rantala rantanen rasmussen rasmusson rautiainen rautio reddy reinholdt
renard renberg reyes reynolds ribeiro ricci richter riedel riley rinaldi rinne ritter rivas rivera
rizzo roberts robertson robertsson robinson rodrigues rodriguez rodríguez roelofs rogers rojas
romano romero ronkainen roos rosenberg rosengren rosenqvist ross rossi rosvall rosén rouhiainen
rousseau roussel roux rubio ruiz runesson ruotsalainen russo ryan rydberg rydell rydén rytkönen
räsänen rönnberg rönnqvist saarela saarinen sahlin sainio salazar salgado salmela salmi salminen
salonen salvesen samuelsen samuelsson sanchez sandberg sandell sandgren sandin sandqvist sandström
santos sarkar sato saunders savolainen schaefer schenk schmid schmidt schmitt schmitz schneider
schouten schreiber schröder schubert schulte schultz schulz schulze schumacher schuster schwartz
schäfer schöld scott seppälä seppänen serrano shah sharipov sharma shaw sidorov siegel sihvonen
sillanpää silva silvennoinen simmons simonsen simonsson simpson sinclair singh sipilä sivertsen
sjoberg sjöberg sjöblom sjödin sjögren sjöholm sjölander sjölund sjöstedt sjöstrand sjöström
skarsgård skoglund smeets smets smirnov smit smith smits smolders soares soderberg sokolov solberg
solheim solis sorensen sousa souza staaf stefansson steiner stenberg stenlund stenman stenmark
stenström stenvall stephansson stevens stewart stoltenberg strand strandberg strandh ström
strömberg strömbäck strömqvist ståhl sullivan sundberg sundell sundgren sundin sundqvist sundström
suominen svahn svanberg svedberg svedlund svendsen svenningsen svenningsson svensson swanson
swensson szabo szabó szymański säll särkkä söderberg söderblom södergren söderholm söderlund
söderman söderqvist söderström sørensen sørlie takahashi takala tamm tammi tanaka tanskanen taylor
teixeira tellervo thapa thomas thompson thomsen thoresen thorsen thorsson thorstensson thorén
thulin thunberg tiainen tikkanen toivanen toivonen tolonen tomasson tommila torkkeli tornberg
torres torstensson tran tuominen turunen tvedt tveit törnqvist ueda uhlmann ulrich ulriksen unger
urbański uusitalo vaara vainio valkonen valtonen vargas vasiliev vasquez vehviläinen velasquez
verhaegen verhoeven verma vermeer vermeulen vestergaard vidal vieira viklund virtanen visser vogt
volkov voutilainen vries väisänen väänänen wagner wahlberg wahlgren wahlström walker wallace
wallberg wallenius wallgren wallin wallström walsh walters watanabe weber wedin wennberg
wennerström wennström wessels westberg westbom westerberg westergaard westergren westerlund
westermark westin westlund westman westphal wiberg wickström widén wieczorek wiklund wikstrom
wikström willems willemsen williams williamson wilson winberg winther wirtanen wisniewski wittmann
wiśniewska wiśniewski wojciechowski wolff wolters wretman wright wójcik yamamoto yildirim yildiz
yilmaz ylinen zetterberg zetterlund zetterström zhang ziegler zieliński zimmerman zimmermann zoric
åberg åhlund åkerberg åkerblom åkerlund åkerman åkerström åkesson ålander årud åslund åström öberg
öhlund öhman öqvist östberg östergren österlund östling östlund östman öström ødegaard ødegård
østby østergaard šimić žukauskas
"""

LAST = frozenset(_NAMES.split())
