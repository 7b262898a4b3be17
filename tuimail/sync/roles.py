# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folder is for what: SPECIAL-USE (RFC 6154) first, then the names that servers and programs give them."""

import re
import unicodedata
from collections.abc import Iterable

from tuimail.backends.port import FolderListing
from tuimail.model.folder import FolderRole

DEFAULT_NAMES = {
    FolderRole.DRAFTS: "Drafts",
    FolderRole.SENT: "Sent",
    FolderRole.ARCHIVE: "Archive",
    FolderRole.TRASH: "Trash",
    FolderRole.JUNK: "Junk",
}
_NAMES: dict[FolderRole, str] = {
    FolderRole.DRAFTS: (
        "drafts|draft|draftbox|entwürfe|entwurf|brouillons|brouillon|borradores|borrador|bozze|bozza|rascunhos"
        "|concepten|concept|utkast|kladder|luonnokset|wersje robocze|szkice|koncepty|rozepsané|piszkozatok|taslaklar"
        "|черновики|чернетки|πρόχειρα|drög|ciorne|чернови|下書き|草稿|草稿箱|草稿匣|임시보관함|טיוטות|مسودات|المسودات"
    ),
    FolderRole.SENT: (
        "sent|sent items|sent messages|sent mail|sent-mail|sentmail|sentbox|gesendet|gesendete objekte"
        "|gesendete elemente|gesendete nachrichten|gesendete|envoyés|éléments envoyés|messages envoyés|courrier envoyé"
        "|enviados|elementos enviados|mensajes enviados|inviati|posta inviata|posta in uscita inviata|itens enviados"
        "|mensagens enviadas|verzonden|verzonden items|verzonden berichten|skickat|skickade|skickade objekt|sendt"
        "|sendte|sendt post|sendte elementer|lähetetyt|wysłane|elementy wysłane|odeslané|odeslaná pošta|odoslané"
        "|elküldött|elküldött elemek|gönderilmiş|gönderilenler|gönderilmiş öğeler|отправленные|надіслані|изпратени"
        "|απεσταλμένα|trimise|送信済み|送信済みアイテム|送信済みメール|已发送|已发送邮件|已傳送|寄件備份|보낸편지함"
        "|보낸 편지함|נשלח|דואר שנשלח|المرسلة|البريد المرسل"
    ),
    FolderRole.ARCHIVE: (
        "archive|archives|archiv|archivés|archivio|archivo|archivos|arquivo|arquivados|archief|arkiv|arkisto|archiwum"
        "|archív|archívum|arşiv|архив|архів|αρχειοθήκη|arhivă|アーカイブ|归档|存档|封存|보관함|ארכיון|الأرشيف"
    ),
    FolderRole.TRASH: (
        "trash|deleted|deleted items|deleted messages|bin|wastebasket|rubbish|papierkorb|gelöscht|gelöschte objekte"
        "|gelöschte elemente|gelöschte nachrichten|corbeille|éléments supprimés|messages supprimés|papelera"
        "|papelera de reciclaje|eliminados|elementos eliminados|cestino|posta eliminata|eliminata|lixeira|lixo"
        "|itens excluídos|itens eliminados|prullenbak|verwijderde items|verwijderd|papperskorg|papperskorgen|borttaget"
        "|papirkurv|papirkorg|slettet post|slettede elementer|roskakori|poistetut|kosz|elementy usunięte|koš"
        "|odstraněná pošta|kôš|kuka|törölt elemek|çöp kutusu|çöp|silinmiş öğeler|корзина|удаленные|удалённые|кошик"
        "|видалені|кошче|κάδος|coș de gunoi|gunoi|ゴミ箱|ごみ箱|削除済みアイテム|已删除|已删除邮件|垃圾桶|휴지통"
        "|지운편지함|אשפה|פריטים שנמחקו|المهملات"
    ),
    FolderRole.JUNK: (
        "junk|spam|junk mail|junk e-mail|junk email|bulk mail|spamverdacht|unerwünscht|unerwünschte werbung|werbung"
        "|courrier indésirable|indésirables|pourriel|correo no deseado|correo basura|posta indesiderata|lixo eletrônico"
        "|correio electrónico não solicitado|ongewenste e-mail|ongewenst|skräppost|søppelpost|uønsket|uønsket post"
        "|roskaposti|wiadomości-śmieci|nevyžádaná pošta|nevyžiadaná pošta|levélszemét|önemsiz|önemsiz e-posta|спам"
        "|нежелательная почта|небажана пошта|ανεπιθύμητα|迷惑メール|垃圾邮件|垃圾郵件|스팸|스팸편지함|דואר זבל|ספאם"
        "|البريد العشوائي"
    ),
}


def _plain(name: str) -> str:
    """Without accents' variants, case and separators, so that spellings fall together."""
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()


_BY_NAME = {_plain(name): role for role, names in _NAMES.items() for name in names.split("|")}


def assign_roles(listings: Iterable[FolderListing]) -> dict[str, FolderRole]:
    """Name of a folder → its role. Each role once: where two names fit, the one nearer to the top, then the first one.

    What the server says counts; a role is guessed by name only when the server names no folder for it.
    """
    found: dict[str, FolderRole] = {}
    taken: set[FolderRole] = set()
    folders = [listing for listing in listings if listing.selectable]

    def give(listing: FolderListing, role: FolderRole) -> None:
        if role not in taken and listing.name not in found:
            found[listing.name] = role
            taken.add(role)

    for listing in folders:
        if listing.name.upper() == "INBOX":
            give(listing, FolderRole.INBOX)
    for listing in folders:
        if listing.role is not None and listing.role is not FolderRole.INBOX:
            give(listing, listing.role)
    for listing in sorted(folders, key=_depth):
        role = _BY_NAME.get(_plain(_leaf(listing)))
        if role is not None and _depth(listing) == 1:
            give(listing, role)
    return found


def default_name(role: FolderRole, names: Iterable[str], delimiter: str) -> str:
    """How to call a folder that is to be made for a role. Servers whose folders all live below INBOX take no other place."""
    name = DEFAULT_NAMES[role]
    others = [other for other in names if other != "INBOX"]
    if others and delimiter and all(other.startswith(f"INBOX{delimiter}") for other in others):
        return f"INBOX{delimiter}{name}"
    return name


def _levels(listing: FolderListing) -> list[str]:
    levels = listing.name.split(listing.delimiter) if listing.delimiter else [listing.name]
    # INBOX and "[Gmail]" are namespaces here, not places of the user's own.
    return levels[1:] if len(levels) > 1 and (levels[0].upper() == "INBOX" or levels[0].startswith("[")) else levels


def _leaf(listing: FolderListing) -> str:
    return _levels(listing)[-1]


def _depth(listing: FolderListing) -> int:
    return len(_levels(listing))
