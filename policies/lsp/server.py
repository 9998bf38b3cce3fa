"""The language server: what the editor sends goes into a `Workspace`, and what is found there goes out.

It runs in one thread: a request that needs the findings has them made first, so none is answered with old ones.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Sequence

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from .. import __version__
from ..catalogue import CatalogueError
from ..reporters.escape import safe
from ..settings import Unusable
from .messages import Messages, path_of
from .workspace import Found, Workspace

WAIT = 0.2  # seconds without another change, before what somebody types is judged
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.routeproof"
# What else a verdict may depend on: other modules, variables, settings, packages and their handlers, baselines.
_WATCHED = "**/*.{tf,tofu,tfvars,json,toml,js,mjs,cjs,py,yaml,yml,zip}"


class Server(LanguageServer):
    """One editor's session."""

    def __init__(self) -> None:
        super().__init__("routeproof", __version__, types.TextDocumentSyncKind.Full)
        self.files = Workspace()
        self._published: set[str] = set()
        self._complaint = ""
        self.pending: asyncio.TimerHandle | None = None

    def messages(self) -> Messages:
        return Messages(self.workspace.position_codec, self.files.read, self._uri, self.files.judged_by)

    def opened(self, file: str) -> TextDocument | None:
        """The open document of a file, by any of its paths."""
        documents = self.workspace.text_documents.values()
        real = os.path.realpath(file)
        return next((document for document in documents if _file(document.uri) == real), None)

    def _uri(self, file: str) -> str:
        document = self.opened(file)
        return document.uri if document else path_of(file)

    def version_of(self, file: str) -> int | None:
        document = self.opened(file)
        return document.version if document else None

    def later(self) -> None:
        """Judge when nothing more has come for a while."""
        if self.pending is not None:
            self.pending.cancel()
        self.pending = asyncio.get_running_loop().call_later(WAIT, self.now)

    def up_to_date(self) -> None:
        """Judge what is still to be judged."""
        if self.pending is not None:
            self.now()

    def now(self) -> None:
        """Judge, and publish what is found; files without findings lose those that they had."""
        if self.pending is not None:
            self.pending.cancel()
            self.pending = None
        try:
            self.files.judge()
            self._complaint = ""
        except (CatalogueError, Unusable) as error:
            self._complain(safe(str(error)))
        messages = self.messages()
        found: dict[str, list[types.Diagnostic]] = {}
        for place, message in self.files.unreadable():
            found.setdefault(self._uri(place.file), []).append(messages.unreadable(place, message))
        for one in self.files.found():
            if not one.result.accepted:
                found.setdefault(self._uri(one.place.file), []).append(messages.diagnostic(one))
        opened = {document.uri: document.version for document in self.workspace.text_documents.values()}
        for uri in sorted(found.keys() | self._published | opened.keys()):
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found.get(uri, []), opened.get(uri))
            )
        self._published = set(found)

    def _complain(self, message: str) -> None:
        """Say once why nothing can be judged; a broken setting would be said at every key otherwise."""
        if message != self._complaint:
            self._complaint = message
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"Routeproof: {message}"))

    def at(self, uri: str, place: types.Range | None = None) -> list[Found]:
        """The findings whose ranges meet a range of a file, or all of a file's."""
        self.up_to_date()
        file, messages = _file(uri), self.messages()
        mine = [one for one in self.files.found() if os.path.realpath(one.place.file) == file]
        return [one for one in mine if place is None or _meet(messages.range(one.place), place)]


def _file(uri: str) -> str | None:
    """The real path of a document; None for one that is no file."""
    path = uris.to_fs_path(uri)
    return os.path.realpath(path) if path and "\0" not in path else None


def _meet(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


SERVER = Server()


def serve(*, own_conventions: bool) -> None:
    """Speak with an editor on stdin and stdout until it is done. `own_conventions`: the settings' may be run."""
    gc.enable()  # the command line does without, but a session is long
    SERVER.files.own_conventions = own_conventions
    SERVER.start_io()


@SERVER.feature(types.INITIALIZED)
async def initialized(server: Server, _: types.InitializedParams) -> None:
    able = server.client_capabilities.workspace
    if able and able.did_change_watched_files and able.did_change_watched_files.dynamic_registration:
        watchers = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
        wanted = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers)
        await server.client_register_capability_async(types.RegistrationParams([wanted]))


@SERVER.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    _put(server, params.text_document.uri)
    server.now()


@SERVER.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    _put(server, params.text_document.uri)
    server.later()


def _put(server: Server, uri: str) -> None:
    file = _file(uri)
    if file is not None:
        server.files.put(file, server.workspace.get_text_document(uri).source)


@SERVER.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    file = _file(params.text_document.uri)
    if file is not None:
        server.files.close(file)
    server.now()


@SERVER.feature(types.TEXT_DOCUMENT_DID_SAVE)
@SERVER.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def on_disk(server: Server, _: object) -> None:
    server.files.reread()
    server.later()


@SERVER.feature(types.TEXT_DOCUMENT_HOVER)
def on_hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    found = server.at(params.text_document.uri, types.Range(params.position, params.position))
    return (
        types.Hover(types.MarkupContent(types.MarkupKind.Markdown, server.messages().hover(found))) if found else None
    )


@SERVER.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
def on_link(server: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    file = _file(params.text_document.uri)
    return list(server.messages().links(file)) if file is not None else []


@SERVER.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
)
def on_code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    actions: list[types.CodeAction] = []
    only, uri, messages = params.context.only, params.text_document.uri, server.messages()
    if _wanted(types.CodeActionKind.QuickFix.value, only):
        for one in server.at(uri, params.range):
            files = server.files.fixed([one])
            if files:
                title = f"Fix {one.result.convention}: {one.result.address}"
                edit = messages.edit(files, server.version_of)
                mark = [messages.diagnostic(one)]
                actions.append(types.CodeAction(title, types.CodeActionKind.QuickFix, mark, True, edit=edit))
    if _wanted(FIX_ALL, only):
        files = server.files.fixed(server.at(uri))
        if files:
            edit = messages.edit(files, server.version_of)
            actions.append(types.CodeAction("Fix what Routeproof can fix in this file", FIX_ALL, edit=edit))
    return actions


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """`source` stands for `source.fixAll` too."""
    return only is None or any(kind == wanted or kind.startswith(wanted + ".") for wanted in only)
