"""What a browser says of itself -> words its owner recognises."""

from __future__ import annotations

SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows"),
    ("Mac OS", "苹果电脑"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("QQBrowser", "QQ浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that fits: most browsers also claim to be the ones further down."""


def describe(agent: str) -> str:
    """`Mozilla/5.0 (Windows NT 10.0 … Edg/131.0` -> Windows 上的 Edge."""
    system = next((label for sign, label in SYSTEMS if sign in agent), "")
    browser = next((label for sign, label in BROWSERS if sign in agent), "")
    return "上的 ".join(filter(None, (system + " " if system else "", browser))) or "未知设备"
