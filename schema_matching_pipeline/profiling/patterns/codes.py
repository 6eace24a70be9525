"""Codes of places, languages, money, and short codes of any kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schema_matching_pipeline.profiling.dates import date_form
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_US_STATES_LISTED = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA"
    " WA WV WI WY DC PR GU VI AS MP"
)
_US_STATES = frozenset(_US_STATES_LISTED.split())
_COUNTRIES_2_LISTED = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM"
    " CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY"
    " HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF"
    " MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE"
    " RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ"
    " VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
_COUNTRIES_2 = frozenset(_COUNTRIES_2_LISTED.split())
_COUNTRIES_3_LISTED = (
    "AFG ALB DZA AND AGO ARG ARM AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BTN BOL BIH BWA BRA BRN BGR BFA BDI KHM CMR CAN CPV CAF TCD CHL CHN COL"
    " COM COG COD CRI CIV HRV CUB CYP CZE DNK DJI DMA DOM ECU EGY SLV GNQ ERI EST ETH FJI FIN FRA GAB GMB GEO DEU GHA GRC GRD GTM GIN GNB GUY HTI HND"
    " HKG HUN ISL IND IDN IRN IRQ IRL ISR ITA JAM JPN JOR KAZ KEN PRK KOR KWT KGZ LAO LVA LBN LSO LBR LBY LIE LTU LUX MAC MDG MWI MYS MDV MLI MLT MRT"
    " MUS MEX MDA MCO MNG MNE MAR MOZ MMR NAM NPL NLD NZL NIC NER NGA MKD NOR OMN PAK PAN PNG PRY PER PHL POL PRT PRI QAT ROU RUS RWA SAU SEN SRB SYC"
    " SLE SGP SVK SVN SOM ZAF SSD ESP LKA SDN SUR SWE CHE SYR TWN TJK TZA THA TLS TGO TON TTO TUN TUR TKM UGA UKR ARE GBR USA URY UZB VUT VEN VNM YEM"
    " ZMB ZWE"
)
_COUNTRIES_3 = frozenset(_COUNTRIES_3_LISTED.split())
_CURRENCIES_LISTED = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF"
    " DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW"
    " KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR"
    " PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES"
    " VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"
)
CURRENCIES = frozenset(_CURRENCIES_LISTED.split())
_LANGUAGES_LISTED = (
    "aa ab af am ar as ay az ba be bg bn bo br bs ca ce co cs cy da de dv dz el en eo es et eu fa fi fj fo fr fy ga gd gl gn gu ha he hi hr ht hu hy id"
    " ig is it iu ja jv ka kk kl km kn ko ku ky la lb ln lo lt lv mg mi mk ml mn mr ms mt my nb ne nl nn no ny oc om or pa pl ps pt qu rm rn ro ru rw sa"
    " sc sd se si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt ty ug uk ur uz ve vi vo wo xh yi yo za zh zu"
)
_LANGUAGES = frozenset(_LANGUAGES_LISTED.split())

_NO_VERSION = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|\d{3}\.\d{3}\.\d{4}"
)  # an internet address, a telephone number
_zip_us = following(r"\d{5}(?:-\d{4})?")
_postal = following(
    r"\d{4,5}|\d{5}-\d{3,4}|\d{4}-\d{3}|\d{3} \d{3}|[A-Z]\d{4}[A-Z]{3}|[A-Z]{3} ?\d{4}|AD\d{3}|(?:[AC-FHKNPRTV-Y]\d{2}|D6W)(?: [\dAC-FHKNPRTV-Y]{4}|[AC-FHKNPRTV-Y][\dAC-FHKNPRTV-Y]{3})|\d{3} ?\d{2}|\d{2}-\d{3}|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{1,2}-)\d{4,6}|\d{3}-\d{4}|\d{6}|0\d{8}|[1-9]\d{8}"
)
# The bibliographic and the terminological codes of ISO 639-2 that are seen oftenest.
_LANGUAGES_3_LISTED = (
    "afr alb amh ara arm asm aze bak baq bel ben bos bre bul bur cat ceb ces chi cor cos cym cze dan deu div dut ell eng epo est eus ewe fao fas fij fil fin"
    " fra fre fry ful geo ger gla gle glg glv gre grn guj hat hau haw heb hin hmn hrv hsb hun hye ibo ice ido iku ina ind isl ita jav jpn kal kan kas kat kaz"
    " khm kik kin kir kon kor kur lao lat lav lin lit lug ltz mac mal mao mar may mkd mlg mlt mon mri msa mya nav nde nds nep nld nno nob nor nya oci ori orm"
    " oss pan per pol por prs pus que roh ron rum run rus sag san sin slk slo slv sme smo sna snd som sot spa sqi srd srp ssw sun swa swe tah tam tat tel tgk"
    " tgl tha tib tir ton tsn tso tuk tur twi uig ukr und urd uzb vec ven vie vol wel wln wol xho yid yor yue zha zho zul zxx mul mis bar gsw lzh cmn arz hak szl"
)
_LANGUAGES_3 = frozenset(_LANGUAGES_3_LISTED.split())
_locale = following(
    r"[a-z]{2,3}(?:[-_][A-Z][a-z]{3})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?",
    lambda text: _is_locale(*re.split("[-_]", text)),
)


def _is_locale(language: str, *places: str) -> bool:
    if language not in _LANGUAGES and language not in _LANGUAGES_3:
        return False
    return not places or len(places[-1]) != len("DE") or places[-1].upper() in _COUNTRIES_2


_color = following(r"#(?:[0-9a-fA-F]{3}){1,2}")
_version = following(
    r"v?\d{1,5}\.\d{1,5}\.\d{1,6}(?:[-.]\w+)?",
    lambda text: not date_form(text) and not _NO_VERSION.fullmatch(text),
)
_hash = following(
    r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{40}|[0-9A-F]{64}|\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|[0-9a-f]{128}"
)
_path = following(
    r"(?:[A-Za-z]:\\|\\\\|\.{0,2}/)(?:[^/\\\s][^/\\]*[/\\])*[^/\\]*|[\w ./()-]+\.(?:php|html?|pdf|jpe?g|png|gif|txt|csv|tsv|xlsx?|docx?|pptx?|odt|ods|rtf|json|xml|ya?ml|js|css|sql|mp[34]|wav|flac|webm|avi|mov|bmp|tiff?|webp|svg|dcm"
    r"|hl7|edi|zip|t?gz|tar|7z|log|dat|bak|key|numbers|exe|dll|py|java|md)"
)


@PATTERNS.register("zip_us")
def zip_us(values: Sequence[str]) -> list[bool]:
    """ZIP codes of the United States: five digits, or nine with a dash."""
    return list(_zip_us(values))


@PATTERNS.register("postal_code")
def postal_code(values: Sequence[str]) -> list[bool]:
    """Postal codes in the forms of most countries; plain numbers of that length look the same."""
    return list(_postal([value.upper() for value in values]))


@PATTERNS.register("us_state")
def us_state(values: Sequence[str]) -> list[bool]:
    """Two-letter states and territories of the United States."""
    return [value in _US_STATES for value in values]


@PATTERNS.register("country_code")
def country_code(values: Sequence[str]) -> list[bool]:
    """Countries by ISO 3166, two or three letters."""
    return [value in _COUNTRIES_2 or value in _COUNTRIES_3 for value in values]


@PATTERNS.register("language_code")
def language_code(values: Sequence[str]) -> list[bool]:
    """Languages by ISO 639, two or three letters, or a locale such as de-AT."""
    return list(_locale(values))


@PATTERNS.register("currency_code")
def currency_code(values: Sequence[str]) -> list[bool]:
    """Currencies by ISO 4217."""
    return [value in CURRENCIES for value in values]


@PATTERNS.register("color")
def color(values: Sequence[str]) -> list[bool]:
    """Colours in hexadecimal, as web pages write them."""
    return list(_color(values))


@PATTERNS.register("hash")
def hash_pattern(values: Sequence[str]) -> list[bool]:
    """Digests and password hashes in hexadecimal or bcrypt's form."""
    return list(_hash(values))


@PATTERNS.register("file_path")
def file_path(values: Sequence[str]) -> list[bool]:
    """Paths of files and folders, and names of files with a common ending."""
    return list(_path(values))


@PATTERNS.register("version_number")
def version_number(values: Sequence[str]) -> list[bool]:
    """Versions of three numbers."""
    return list(_version(values))


_short_code = following(r"[A-Z0-9][A-Z0-9./_-]{0,11}", lambda text: not text.isdigit() or len(text) > 1)


@PATTERNS.register("short_code")
def short_code(values: Sequence[str]) -> list[bool]:
    """Up to twelve capitals and digits without a blank."""
    return list(_short_code(values))
