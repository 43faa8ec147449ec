"""What errors are called in reports for people; the message beside says the rest."""

from __future__ import annotations

from collections.abc import Mapping

ERROR_NAMES: Mapping[str, str] = {
    "ScanError": "无法打开",
    "NotAScanError": "不是图像",
    "DamagedScanError": "文件损坏",
    "EncryptedScanError": "有打开密码",
    "OversizedScanError": "尺寸或页数超限",
    "FileChangedError": "原件已更换或移走",
    "UnreadablePath": "路径无法读取",
    "TookTooLongError": "超时",
    "TooMuchMemoryError": "内存超限",
    "WorkerDiedError": "进程中断",
}


def error_name(kind: str) -> str:
    """The name of a class of errors, with the class itself for whoever looks it up.

    >>> error_name("DamagedScanError"), error_name("ZeroDivisionError")
    ('文件损坏 DamagedScanError', 'ZeroDivisionError')
    """
    name = ERROR_NAMES.get(kind)
    return f"{name} {kind}" if name else kind
