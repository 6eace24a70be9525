"""The vocabulary of practices in Germany."""

from __future__ import annotations

from schema_matching_pipeline.entrances.cli.demo.check_digits import drug_number, institution_number
from schema_matching_pipeline.entrances.cli.demo.vocabulary import (
    Coded,
    Disease,
    Drug,
    Insurer,
    Measure,
    Place,
    Service,
    Substance,
    Vaccine,
    Vocabulary,
)

_FEMALE = (
    "Maria Ursula Monika Petra Sabine Renate Helga Karin Brigitte Ingrid Andrea Anna Claudia Susanne Gisela Julia "
    "Birgit Stefanie Christina Nicole Sandra Heike Katharina Martina Erika Christine Angelika Anja Barbara Elke "
    "Katrin Jana Lena Lea Hannah Sophie Mia Emma Leonie Käthe Jördis Bärbel Gülsüm Ayse Agnieszka Zeynep"
)
_MALE = (
    "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner Horst Frank Dieter "
    "Manfred Bernd Helmut Martin Jörg Matthias Ralf Sven Daniel Markus Alexander Jan Tobias Florian Lukas Leon "
    "Finn Jonas Paul Maximilian Björn Götz Mehmet Mustafa Piotr Luca Noah"
)
_LAST = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier "
    "Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller "
    "Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke "
    "Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß "
    "Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Yilmaz Kaya Kowalski Nowak"
)


def _numbered(*drugs: Drug) -> tuple[Drug, ...]:
    """The drugs with complete numbers."""
    return tuple(drug._replace(code=drug_number(drug.code)) for drug in drugs)


GERMAN = Vocabulary(
    country="DE",
    female_names=tuple(_FEMALE.split()),
    male_names=tuple(_MALE.split()),
    last_names=tuple(_LAST.split()),
    streets=(
        "Hauptstraße",
        "Bahnhofstraße",
        "Gartenweg",
        "Schulstraße",
        "Dorfstraße",
        "Bergstraße",
        "Lindenallee",
        "Kirchgasse",
        "Goethestraße",
        "Schillerstraße",
        "Mühlenweg",
        "Am Sonnenhang",
        "Rosenweg",
        "Talstraße",
        "Ringstraße",
        "Birkenweg",
        "Marktplatz",
    ),
    places=(
        Place("Freiburg im Breisgau", "Freiburg", "BW", "791", "0761"),
        Place("Emmendingen", "Emmendingen", "BW", "793", "07641"),
        Place("Tübingen", "Tübingen", "BW", "720", "07071"),
        Place("Lörrach", "Lörrach", "BW", "795", "07621"),
        Place("Kempten", "Oberallgäu", "BY", "874", "0831"),
        Place("Würzburg", "Würzburg", "BY", "970", "0931"),
        Place("Weimar", "Weimar", "TH", "994", "03643"),
    ),
    mail_domains=("postfach.example", "netzpost.example", "briefkasten.example"),
    languages=("de", "de", "de", "de", "de", "de", "de", "tr", "pl", "ru", "ar", "it"),
    occupations=(
        "Lehrerin",
        "Krankenpfleger",
        "Elektriker",
        "Landwirt",
        "Steuerberaterin",
        "Rentner",
        "Rentnerin",
        "Student",
        "Tischler",
        "Verkäuferin",
        "Kraftfahrer",
        "Informatiker",
        "Köchin",
        "Bürokauffrau",
    ),
    site_names=(
        "Gemeinschaftspraxis Sonnental",
        "Praxis am Marktplatz",
        "MVZ Bergstraße",
        "Kinderarztpraxis Lindenhof",
        "Hausarztzentrum Mühlenweg",
    ),
    insurers=(
        Insurer("Allgemeine Gesundheitskasse Süd", institution_number("10801821"), ("Mitglied", "Familie")),
        Insurer("Technische Betriebskasse", institution_number("10177517"), ("Mitglied", "Familie")),
        Insurer("Sonnen BKK", institution_number("10403456"), ("Mitglied", "Familie", "Rentner")),
        Insurer("Handwerk Innungskasse", institution_number("10731250"), ("Mitglied", "Rentner")),
        Insurer("Landwirtschaftliche Kasse", institution_number("10991876"), ("Mitglied", "Rentner")),
        Insurer("Ersatzkasse Mitte", institution_number("10250932"), ("Mitglied", "Familie", "Rentner")),
        Insurer(
            "Rhein Privatversicherung", institution_number("16892034"), ("Privat Komfort", "Privat Basis")
        ),
    ),
    specialties=(
        Coded("01", "Allgemeinmedizin"),
        Coded("03", "Innere Medizin Hausarzt"),
        Coded("34", "Kinder- und Jugendmedizin"),
        Coded("15", "Frauenheilkunde"),
        Coded("21", "Dermatologie"),
    ),
    reasons=(
        Coded("49727002", "Husten"),
        Coded("21522001", "Bauchschmerzen"),
        Coded("25064002", "Kopfschmerzen"),
        Coded("161891005", "Rückenschmerzen"),
        Coded("386661006", "Fieber"),
        Coded("84229001", "Müdigkeit"),
        Coded("267036007", "Atemnot"),
        Coded("271807003", "Hautausschlag"),
        Coded("185349003", "Vorsorge"),
        Coded("390906007", "Verlaufskontrolle"),
        Coded("405737000", "Halsschmerzen"),
        Coded("57676002", "Gelenkschmerzen"),
    ),
    visit_types=(
        Coded("SPR", "Sprechstunde"),
        Coded("ERS", "Erstkontakt"),
        Coded("VOR", "Vorsorgeuntersuchung"),
        Coded("NOT", "Notfall"),
        Coded("HAU", "Hausbesuch"),
    ),
    diseases=(
        Disease("I10", "Essentielle (primäre) Hypertonie", 14, lasting=True),
        Disease("E11.9", "Diabetes mellitus Typ 2 ohne Komplikationen", 9, lasting=True),
        Disease("E78.5", "Hyperlipidämie, nicht näher bezeichnet", 9, lasting=True),
        Disease("J06.9", "Akute Infektion der oberen Atemwege", 11, lasting=False),
        Disease("M54.5", "Kreuzschmerz", 9, lasting=False),
        Disease("F41.1", "Generalisierte Angststörung", 4, lasting=True),
        Disease("F32.9", "Depressive Episode", 6, lasting=True),
        Disease("K21.9", "Gastroösophageale Refluxkrankheit", 6, lasting=True),
        Disease("J45.9", "Asthma bronchiale", 5, lasting=True),
        Disease("N39.0", "Harnwegsinfektion", 5, lasting=False),
        Disease("E03.9", "Hypothyreose", 6, lasting=True),
        Disease("J20.9", "Akute Bronchitis", 4, lasting=False),
        Disease("L30.9", "Dermatitis", 4, lasting=False),
        Disease("G43.9", "Migräne", 4, lasting=True),
        Disease("M17.9", "Gonarthrose", 4, lasting=True),
        Disease("I48.9", "Vorhofflimmern", 3, lasting=True),
        Disease("J44.9", "Chronische obstruktive Lungenkrankheit", 3, lasting=True),
        Disease("E66.9", "Adipositas", 5, lasting=True),
        Disease("B34.9", "Virusinfektion", 4, lasting=False),
        Disease("Z00.0", "Ärztliche Allgemeinuntersuchung", 5, lasting=False),
        Disease("R51", "Kopfschmerz", 3, lasting=False),
    ),
    services=(
        Service("03000", "Versichertenpauschale", 26.4, 20),
        Service("03220", "Zuschlag chronische Erkrankung", 15.5, 12),
        Service("03230", "Problemorientiertes Gespräch", 15.3, 8),
        Service("01732", "Gesundheitsuntersuchung", 38.6, 5),
        Service("03321", "Belastungs-EKG", 24.1, 2),
        Service("03324", "Langzeit-Blutdruckmessung", 7.2, 3),
        Service("03330", "Spirographie", 6.4, 3),
        Service("01410", "Besuch eines Kranken", 26.9, 2),
        Service("02300", "Kleinchirurgischer Eingriff", 7.2, 2),
        Service("33042", "Sonographie des Abdomens", 19.8, 3),
        Service("32057", "Glukose im Blut", 0.25, 5),
        Service("32094", "Glykierte Hämoglobine", 4.0, 4),
        Service("40144", "Kostenpauschale Kopie", 0.13, 1),
    ),
    drugs=_numbered(
        Drug("0124301", "C09AA05", "Ramipril 5 mg Tabletten", "5", "mg", "p.o.", 12.9),
        Drug("1437682", "C10AA01", "Simvastatin 20 mg Filmtabletten", "20", "mg", "p.o.", 15.4),
        Drug("3856411", "A10BA02", "Metformin 500 mg Filmtabletten", "500", "mg", "p.o.", 13.2),
        Drug("4765892", "C07AB02", "Metoprolol 47,5 mg Retardtabletten", "47,5", "mg", "p.o.", 14.1),
        Drug(
            "2532741",
            "H03AA01",
            "L-Thyroxin 50 \N{MICRO SIGN}g Tabletten",
            "50",
            "\N{MICRO SIGN}g",
            "p.o.",
            13.8,
        ),
        Drug("6310299", "M01AE01", "Ibuprofen 600 mg Filmtabletten", "600", "mg", "p.o.", 11.6),
        Drug("1126112", "N02BE01", "Paracetamol 500 mg Tabletten", "500", "mg", "p.o.", 3.5),
        Drug("0982265", "A02BC02", "Pantoprazol 40 mg Tabletten", "40", "mg", "p.o.", 16.2),
        Drug("3419867", "J01CA04", "Amoxicillin 1000 mg Filmtabletten", "1000", "mg", "p.o.", 14.8),
        Drug("7755310", "R03AC02", "Salbutamol Dosieraerosol", "0,1", "mg", "inhal.", 18.7),
        Drug("5021174", "C08CA01", "Amlodipin 5 mg Tabletten", "5", "mg", "p.o.", 13.1),
        Drug("9234570", "N06AB10", "Escitalopram 10 mg Filmtabletten", "10", "mg", "p.o.", 17.0),
        Drug("0671923", "C09CA06", "Candesartan 8 mg Tabletten", "8", "mg", "p.o.", 15.9),
        Drug("8803651", "R06AE07", "Cetirizin 10 mg Filmtabletten", "10", "mg", "p.o.", 6.5),
        Drug("2218834", "H02AB06", "Prednisolon 5 mg Tabletten", "5", "mg", "p.o.", 12.0),
        Drug("1990455", "A10AB05", "Insulin aspart Fertigpen", "12", "I.E.", "s.c.", 121.4),
        Drug("3164408", "N02BB02", "Metamizol Tropfen", "20", "Tr", "p.o.", 12.4),
    ),
    substances=(
        Substance("764146007", "Penicillin", "Medikament", "Nesselsucht"),
        Substance("387458008", "Acetylsalicylsäure", "Medikament", "Atemnot"),
        Substance("387207008", "Ibuprofen", "Medikament", "Gesichtsschwellung"),
        Substance("762952008", "Erdnuss", "Nahrung", "Anaphylaxie"),
        Substance("102263004", "Hühnerei", "Nahrung", "Übelkeit"),
        Substance("3718001", "Kuhmilch", "Nahrung", "Bauchkrämpfe"),
        Substance("256277009", "Gräserpollen", "Umwelt", "Niesen"),
        Substance("260147004", "Hausstaubmilbe", "Umwelt", "Fließschnupfen"),
        Substance("288328004", "Bienengift", "Umwelt", "Schwellung"),
        Substance("111088007", "Latex", "Umwelt", "Juckreiz"),
    ),
    measures=(
        Measure("8480-6", "Blutdruck systolisch", "mmHg", "Vitalwert", 129, 14, 0),
        Measure("8462-4", "Blutdruck diastolisch", "mmHg", "Vitalwert", 80, 9, 0),
        Measure("8867-4", "Herzfrequenz", "/min", "Vitalwert", 72, 10, 0),
        Measure("29463-7", "Körpergewicht", "kg", "Vitalwert", 78, 15, 1),
        Measure("2339-0", "Glukose", "mg/dL", "Labor", 101, 21, 0),
        Measure("4548-4", "HbA1c", "%", "Labor", 6.0, 0.9, 1),
        Measure("2093-3", "Cholesterin gesamt", "mg/dL", "Labor", 203, 36, 0),
        Measure("718-7", "Hämoglobin", "g/dL", "Labor", 14.1, 1.3, 1),
        Measure("2160-0", "Kreatinin", "mg/dL", "Labor", 0.94, 0.2, 2),
        Measure("3016-3", "TSH basal", "mU/L", "Labor", 1.9, 0.8, 2),
    ),
    vaccines=(
        Vaccine("J07BB02", "Influenza", "Sanofi Pasteur", 21.0),
        Vaccine("J07AM51", "Tetanus, Diphtherie", "GlaxoSmithKline", 18.0),
        Vaccine("J07BX03", "COVID-19 mRNA", "BioNTech", 20.0),
        Vaccine("J07AL01", "Pneumokokken", "Pfizer", 74.0),
        Vaccine("J07BK03", "Herpes zoster", "GlaxoSmithKline", 118.0),
        Vaccine("J07BA01", "FSME", "Pfizer", 39.0),
        Vaccine("J07BD52", "Masern, Mumps, Röteln", "MSD", 46.0),
    ),
)
