"""Common first names of Europe and beyond, to tell a column of names from other words.

Names that are ordinary words, months, cities, diagnoses or genes as well are left out where they
would mislead: what counts is that a column of names meets the list often, not that it is complete.
"""

from __future__ import annotations

_NAMES = """
aaron abdul abdullah abigail adam adrian adriana agata agnes agneta agnieszka ahmad ahmed aidan
aino aisha ajay akira alain alan albert albin alejandra alejandro aleksander aleksandra aleksi
alessandra alessandro alexander alexandra alexandre alexandru alexis alfons alfred alfredo alice
alicia alina alison allan allison alma alvar alvin amalia amalie amanda amelia amelie amina amir
amit amy anastasia anders andre andrea andreas andrei andrew andrzej andré andrés angela angelica
angelika angelina angelo anika anil anita anja anjali ann ann-marie ann-sofie anna annabelle anne
anne-marie anneli annelie annelies annemarie annette annica annick annie annika anniken antero
anthony antje antoine anton antonella antonia antonio antti ariane arild armando arne arnold
arthur arturo arvid asbjørn ashley asif aslaug astrid audrey augustin aurélie axel ayse ayşe aziz
barbara barbro bart bartosz beata beate beatrice beatriz bengt benita benjamin benoit benoît berit
bernadette bernard bernardo bernd bernhard bernt bert bertil beth bethany betina bettina betty
beverly bianca birger birgit birgitta birgitte birthe bjarne bjoern bjorg bjorn björn bjørg bjørn
bodil bogdan boris bram brandon brenda brian bridget brigitta brigitte britt britt-marie britta
bruno bryan brynjar camilla camille carin carina carl carla carlo carlos carmen carol carola
carolin carolina caroline carolyn cassandra catarina caterina catharina catherine cathrine catrin
cecilia cecilie celia celina celine cemal chantal charles cheryl chiara chloe chris christa
christel christelle christer christian christiane christina christine christoph christophe
christopher ciara claes claire clara claude claudia claudio claus clément cornelia cornelis
cristian cristina cynthia cyril céline daan dagmar dagny damian damien daniel daniela daniele
danielle danuta dariusz darren david davide dawid debbie deborah debra denis denise dennis derek
desirée diana diane dick diego dieter dietmar dimitri dimitrios dirk dmitri dmitry dominik
dominique donald donna doreen doris dorota dorothea dorothy dorte dorthe douglas ebba eckhard
eddie edgar edit edith edoardo eduardo edward edwin eerika eero egil eija eila eileen einar eino
eira eirik eivind elaine eleanor elena eleonora eleonore elias elif elin elina eline elisa
elisabet elisabeth elise elizabeth elke ella ellen ellinor elliot elmer elodie eloise elsa elsbeth
elvira emanuel emil emilia emilie emilio emily emine emma emmanuel emmanuelle emmy emre enrico
enrique eric erica erich erik erika erkki erland erling ernst erwin espen estelle esther ethan
etienne eugen eugenia eugenie eva evelina eveline evelyn evert ewa ewelina fabian fabien fabio
fabrizio fanny farid farida fatima fatma fatou federica federico felicia felix femke ferdinand
fernanda fernando filip filippa filippo finn fiona flemming florian francesca francesco francisca
francisco franciska franck francoise frank-walter frans françois françoise frauke fred freddie
frederic frederick frederik frederikke fredrik fredrika freja frida frieda friedrich frits fritz
frode frédéric gabriel gabriela gabriele gabriella gabrielle gareth gary gaston gavin geert geir
geoffrey georg george georges gerald gerard gerd gerda gerhard germán gerrit gert gertrud gertrude
giacomo gianluca gianni gilbert gilles gina giorgio giovanna giovanni gisela gitte giulia giuseppe
glenn gloria goran gordon graham greet greg gregor gregory greta grete grethe grzegorz guido
guillaume guillermo gunhild gunilla gunnar gunnel gunter gunvor gurli gustav gustavo gérard göran
gösta günter günther hakan hakim hakon halina halvor hamid hampus hana hanna hannah hanne hannele
hannes hannu hans hans-peter harald harri harriet harry harsh hartmut hasan hassan hatice heather
hector hedda hedvig hege heidi heidrun heike heikki heiko heiner heinrich heinz helen helena
helene helga helge helle helmut hendrik henk henning henri henriette henrik henrike henrikke henry
herbert hermann hilary hilda hilde hildegard hildur hilma hiroshi hjalmar holger horst hubert hugh
hugo huseyin hussein håkan håkon håvard hélène ibrahim ida ignacio igor ilona ilse ilya imran inga
inge ingeborg ingela ingemar inger ingmar ingo ingolf ingrid ingvar ingvild irena irene irina iris
irma irmgard isaac isabel isabell isabella isabelle isak ismail ivan ivana ivar ivo iwona jaakko
jaana jacek jacob jacqueline jacques jadwiga jakob jakub james jamie jan jana jane janet janina
janine janne jannik jarl jarmo jaroslav jasmin jasmine jason javier jean jeanette jeanne jeff
jeffrey jelena jennie jennifer jenny jens jeremy jeroen jerome jerry jerzy jesper jessica jessie
jesús jette jill jim jimmy joachim joakim joan joanna joanne jochen joel joelle joep johan johann
johanna johanne johannes john johnny jolanda jolanta jon jonas jonathan joost jorge jorgen jorunn
josef josefin josefina josefine joseph josephine josh joshua jostein josé joyce juan juana juanita
judit judith juha juhani jukka jules julia julian juliana juliane julie julien juliette julio
julius jurgen jussi justin justina justyna jutta jyrki jérôme jón jöns jörg jörgen jørgen jørn
jürgen kaare kaarina kai kaija kaisa kaj kajsa kamil kamila kamilla karen kari karin karina karl
karl-heinz karla karlo karoliina karolina karoline karsten kasper katarina katarzyna kate
katharina katherine kathleen kathrin kathrine kathryn kathy katie katja katri katrin katrine
kazimierz kees keith kelly kenneth kenta kerstin kevin khadija khalid kim kimberly kirsi kirsten
kirsti kjell kjersti klara klas klaus knut konrad konstantin konstantinos kristel kristen krister
kristian kristiane kristin kristina kristine kristoffer krystyna krzysztof kurt kyle kyllikki kåre
lara larry lars lars-erik lasse latifa laura lauren laurence laurent lauri laurids layla lea leah
leander leena leif leila lena lennart leo leon leonard leonardo leonie leonora leslie leszek liam
lidia lieke lien lilian liliana lillemor lilly lina linda lindsay linn linnea linnéa linus lionel
lisa lisbet lisbeth lise liselott liselotte liv livia lizzie lorena lorenzo loretta lotta lotte
louis louisa louise lovisa luca lucas lucia luciana luciano lucie lucy lucía ludmila ludvig ludwig
luigi luis luisa luiz lukas lukasz luke lutz lydia lærke léa maaike maarit maarten maciej
madeleine madelene madeline mads magda magdalena magne magnus mahmoud maija maike maj-britt maja
malcolm malene malgorzata malik malin mandy manfred manon manuel manuela marc marcel marcela
marcelo marcin marco marcos marcus marek maren margaret margareta margarete margareth margaretha
margarita margherita margit margot margrethe margrit maria mariam marian mariana marianne marie
marie-louise marieke mariella marija marika marilyn marina mario marion marisa marit marita marius
mariusz marja marjan marjatta marjolein marjut markku marko markus marlene marlies marta marte
martha marthe martijn martin martina martine marvin mary maryam masoud massimo mateo mateusz
mathias mathieu mathilda mathilde mathis matilda matilde mats matteo matthew matthias matthieu
matti mattias maureen maurice mauricio mauro maximilian małgorzata meera megan mehdi mehmet
melanie melina melinda melissa merete merja mette michael michaela michail michal michał michel
michele michelle michiel mick miguel miia mika mikael mikaela mike mikhail mikkel mikko milena
milica milla milos minna mira mireille miriam mirja mirjam miroslav mirosław moa mogens mohamed
mohammad mohammed mohamud moira molly mona monica monika monique morten mostafa muhammad murat
mustafa nadia nadine nadja nancy nanna naomi narges nasrin natalia natalie natasha nathalie nathan
nathaniel nele nelly nicholas nicklas nico nicola nicolai nicolas nicole niels nigel niklas niko
nikola nikolai nikolaj nils nina nisha noah noemi nora norbert nuria odd oddbjørn oddvar ola olaf
olav ole oleg olena olga oliver olivia olivier olle olli olof oluf omar onni orsolya oscar oskar
osman otto owe oystein oyvind paavo pablo paivi palle pamela paola paolo pascal pasi patrice
patricia patricio patrick patrik paul paula paulina pauline paulo pavel pawel paweł peder pedro
peggy pehr pekka penelope per-erik pernilla pernille perttu peter petra petri petros petter philip
philipp philippa philippe phillip phyllis pia pierre piet pieter pietro piia pilar piotr pirjo
pirkko pontus poul preben priya priyanka päivi pål rachel radek rafael rafał ragna ragnar ragnhild
rahel rahul raija raimo raimund rainer raisa rajesh ralf ralph ramon ramona ramón randi raphael
raquel rasmus rauni raymond rebecca rebecka rebekka reetta regina regine reidar reidun reijo
reiner reinhard reinhold reino rena renata renate rené renée ricardo riccardo richard rigmor
riikka riitta rikard rike rikke ritva robert roberta roberto robin rodrigo roger roland rolando
rolf rolv romain ronald ronja ronny rosanna rosario rose-marie rosemarie rosemary roxana roy
rudolf rune rupert ruth ruud ryan ryszard réka sabina sabine sabrina salla sally salma salvatore
sam samantha sami samira samuel samuli sandeep sander sandra sanja sanjay sanna sanne sara sarah
sari sascha satu saul scott sean sebastian sebastiano sebastien selin selma serena serge sergei
sergej sergey sergio shahid shannon sharon shaun shauna sheila shelley shirley sibel sidsel
siegfried sigbjørn sigmund signe sigrid sigrun sigurd silja silje silke silvia silvio simon simona
simone simonetta sini sinikka siri sirkka sirpa siv sixten sjoerd slavica snezana sofie solange
solbritt solfrid solveig sonia sonja sophia sophie soren stacey stacy staffan stanislav stanislaw
stanisław stefan stefania stefanie stefano steffen steinar stella stellan stephan stephane
stephanie stephen steve steven stig stina stine stuart sture stéphane sue-ellen suleiman sulo
sunil sunniva suresh susan susana susann susanna susanne suvi suzanne svante svein sven sven-erik
svend sverre svetlana sylvain sylvia sylvie sylwia synnøve szymon sébastien søren søs tadeusz
takashi tamara tamas tania tanja tapani tapio tariq tarja tarjei tatiana tatjana tatyana teemu
teresa terese teresia terhi terje tessa thea theo theodor theres theresa therese thiago thierry
thijs thomas thora thorbjørn thorsten tiago tibor tiina tilda tilde tim timo timothy tina tine
tiril tobias todd tom tomas tomasz tommaso tommi tommy toni tonje tony tonya torben torbjörn
torbjørn tord tore torgeir torgny torill torkel torleif torsten torunn tove tracey tracy trevor
trine tristan trond trude trygve tuija tullia tuomas tuomo tuula tyra ubaldo udo ulf ulla ulrica
ulrich ulrik ulrika ulrike unni urho ursula urszula uta ute uwe vadim valentina valeria valerie
valter valérie vanessa vasco vasile vasily veera vegard veikko vera verena verner veronica
veronika vesa vibeke vicente vicki vicky vidar vigdis vijay viktor vilhelm vilja ville vilma
vincent vincenzo vinicius viola violeta violetta virginie virpi vittoria vivian viviane vladimir
vojtěch volker véronique waldemar walter wanda wenche wendy werner wiebke wieslaw wiktor wilfried
wilhelm willem william willy wilma wiltrud wioletta witold wojciech wolfgang wouter xander xavier
ximena yann yannick yasmin yasmine yngve yolanda yosef youssef yuki yuri yusuf yves yvette yvonne
zachary zahra zainab zbigniew zdravko zeynep zlatko zofia zoltan zoltán zoran zsófia zuzana åge
åke åsa åse åsmund östen özlem øivind øystein øyvind łukasz
"""

FIRST = frozenset(_NAMES.split())
