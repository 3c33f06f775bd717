"""Common first and last names, to tell a column of names from other words.

Names that are ordinary words, months, cities, diagnoses or genes as well are left out: what
counts is that a column of names meets the list often, not that the list is complete.
"""

from __future__ import annotations

_FIRST = """
aaron abdul adam agnes agneta agnieszka ahmed aisha alain alessandra alexander alva amanda amy
anders andrea andreas andrew andrzej angela angelo anja anna anne anneli annelies annika anthony
anton antonio antti arvid ashley astrid aurélie axel barbara bengt benjamin bernard bernd betty
birgit birgitta birthe bjorg bjorn björn bjørn bram brandon brenda brian brigitte camilla carina
carlos carmen carol carolyn catherine cecilia celine charles cheryl chiara christina christine
christophe christopher claudia cynthia daan daniel deborah debra dennis diane dieter dmitri
dolores donna douglas ebba edward elias elin elisabeth elizabeth emil emily emma erik ethan eva
evelyn ewa fatima femke filip flemming francesca francesco francisco francoise frank-walter
françoise fredrik geir george gerrit giovanni gisela giulia giuseppe goran gregory gunilla gunnar
gunter gustav göran günter hakan hanna hannah hanne hannele hans harald harry hassan heather heike
heikki heinz helena helmut henk henning henrik henry horst hugo hussein håkan ibrahim ida ingeborg
inger ingrid irina isabel isabella isabelle jacob jacqueline james janet jason javier jeffrey
jennifer jenny jens jeroen jerzy jessica joakim joan joanna johan johanna john jonas jonathan
jorgen josefin josefine joseph joshua josé joyce juan judith juha jukka julie julien jurgen justin
jørgen jürgen kaarina kaj karen karin karl katarzyna katherine kathleen katrin kees kelly kerstin
kevin kimberly kirsten kjell klaus knut kristina krzysztof kyle kåre larry lars laura lauren
laurent layla leena leif leila lena lennart liam linda linnea lisa lise lotte lucas lucia lucía
ludvig luigi luis maarten magdalena magnus malgorzata malin manfred manuel marcus margaret
margareta maria marieke marit marja martha martin maryam matthew matti mattias małgorzata megan
melissa mette michael michel michelle miguel mikael mikko minna mohamed mohammed monica monika
monique muhammad mustafa nancy natalia nathalie nathan nicholas nicolas nicole niels niklas nils
noah ole olga oliver olivia olivier olof omar oskar oyvind pablo paivi pamela paola patricia
patrick patrik pedro pekka pernille peter petra philippe pierre piet pilar piotr pontus preben
päivi rachel ragnhild ralf randi rasmus raymond rebecca renate richard riitta robert roland rolf
ryan sabine samantha samuel sandra sanne sara sarah scott sebastian sergei sharon shirley sigrid
solveig soren stefan stefanie stephanie stephen steven susan susanne svein sven svetlana sylvie
sébastien søren tatiana terje therese thomas timo timothy tomas tomasz torben torbjørn trond tuula
ulf ulla ulrike ursula uwe valerie valérie viktor vincenzo vladimir willem william wilma wolfgang
yusuf zachary zainab zbigniew øyvind
"""

_LAST = """
adams andersen anderson andersson andreassen arvidsson axelsson bakker bengtsson berglund bergman
bergqvist bergstrom bergström bertrand bianchi bjork björk blomqvist byrne campbell christensen
claesson clarke colombo danielsson davies davis dubois durand edwards eklund engstrom engström
eriksen eriksson esposito evans ferrari forsberg fransson fredriksson garcia gonzalez gunnarsson
gustafsson hakansson halvorsen hamalainen hansen hansson harris hartmann haugen heikkinen
henriksson hernandez hoffmann hofmann holmberg hämäläinen håkansson isaksson ivanov jacobsen
jakobsson jansen jansson jensen johannessen johansen johansson johnsen johnson jones jonsson
jorgensen järvinen jönsson jørgensen kaminski karlsen karlsson kelly korhonen koskinen kowalczyk
kowalski kristensen kristiansen krüger laine larsen larsson laurent lefebvre leroy lindberg
lindgren lindqvist lindstrom lindström lofgren lopez lundberg lundgren lundin lundqvist lundstrom
lundström löfgren madsen magnusson makela makinen martensson martinez mattsson meijer michel
mitchell moore moreau morris mueller mulder murphy mäkelä mäkinen mårtensson müller neumann nguyen
nielsen nieminen nilsen nilsson nordstrom nordström nowak nyberg nystrom nyström o'brien olofsson
olsen olsson pedersen perez persson peters petersen petrov pettersen pettersson phillips poulsen
ramirez rasmussen roberts robinson rodriguez rossi roux russo ryan samuelsson sanchez sandberg
schmidt schneider schröder schulz schäfer scott sidorov simon sjoberg sjöberg smit smith soderberg
sorensen stewart sullivan svensson söderberg sørensen taylor thomas thompson thomsen torres
virtanen visser vries wagner wallin walsh wikstrom wikström williams wilson wisniewski wiśniewski
wright wójcik zimmermann
"""

FIRST = frozenset(_FIRST.split())
LAST = frozenset(_LAST.split())
