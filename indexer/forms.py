"""The same question as others type it: traditional characters, pinyin, a wrong character.

Made mechanically and deterministically from clean Chinese queries, to measure
how much of their answers survive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from indexer.evaluate import JudgedQuery
from indexer.pinyin import spell
from indexer.segmentation import Segmenter


def traditional(text: str) -> str:
    """Simplified -> traditional characters."""
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text))


def pinyin(text: str, segmenter: Segmenter) -> str:
    """Every Chinese word spelled out without tones, words apart; punctuation becomes a space."""
    spelled = [
        "".join(spell(token.text)) if _han(token.text) else token.text for token in segmenter.words(text)
    ]
    return " ".join(spelled)


def wrong_character(text: str, segmenter: Segmenter, terms: frozenset[str]) -> str:
    """One character of the longest lexicon term replaced by a frequent one of the same sound.

    The text itself when it holds no term, or none with a homophone.
    """
    tokens = sorted(segmenter.words(text), key=lambda t: (-len(t.text), t.start))
    for token in tokens:
        if token.text not in terms or len(token.text) < 2 or not _han(token.text):
            continue
        at = int(hashlib.sha256(token.text.encode()).hexdigest(), 16) % len(token.text)
        char = token.text[at]
        others = [c for c in COMMON if c != char and spell(c) == spell(char)]
        if others:
            where = token.start + at
            return text[:where] + others[0] + text[where + 1 :]
    return text


def _han(text: str) -> bool:
    return all("㐀" <= char <= "鿿" for char in text)


def reword(queries: Sequence[JudgedQuery], change: Callable[[str], str]) -> list[JudgedQuery]:
    """Judged queries with their words changed; those the change leaves alone are left out."""
    changed = [(query, change(query.text)) for query in queries]
    return [replace(query, text=text) for query, text in changed if text != query.text]


COMMON = tuple(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔风步改收"
    "根干造言联持组每济车亲极林服快办议往元英士证近失转夫令准布始怎呢存未远叫台单影具罗字爱击流备兵连调深"
    "商算质团集百需价花党华城石级整府离况亚请技际约示复病息究线似官火断精满支视消越器容照须九增研写称企八"
    "功吗包片史委乎查轻易早曾除农找装广显吧阿李标谈吃图念六引历首医局突专费号尽另周较注语仅考落青随选列费"
    "届解界戒介姐借街节结接皆阶截劫洁杰捷竭届废肺沸飞非肥匪会惠汇绘贿慧回悔辉灰挥修休秀袖绣朽缴角脚搅狡"
    "催崔摧脆翠粹评凭屏瓶苹坪议义艺异易亿忆疫役译益谊翼证政症郑挣征争整正"
)
"""Common characters, the pool wrong ones are drawn from."""
