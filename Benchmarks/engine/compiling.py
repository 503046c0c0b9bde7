"""Compiles a Swift program of this folder against the engine that the package has built."""
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROOMS = ("NASLib", "WideKernels", "Text", "EmbeddedData")


def compiled(source, target):
    """The program's path."""
    built = ROOT / ".build/release"
    # Objects of files that are gone stay behind.
    names = {f.name for room in ROOMS for f in (ROOT / "Sources" / room).rglob("*") if f.suffix in (".swift", ".c")}
    objects = [o for room in ROOMS for o in (built / f"{room}.build").glob("*.o") if o.stem in names]
    # They are linked as padash was.
    static = "libswiftCore" not in subprocess.run(["ldd", built / "padash"], capture_output=True, text=True).stdout
    target = ROOT / ".build" / target
    subprocess.run(
        ["swiftc", *(["-static-stdlib", "-use-ld=lld"] if static else []), "-O", "-swift-version", "6", "-parse-as-library", "-I", built / "Modules",
         *(word for room in ("COpenBLAS", "CProcessor", "CKernels") for word in ("-I", ROOT / "Sources" / room)),
         "-Xcc", f"-fmodule-map-file={built / 'EmbeddedData.build/module.modulemap'}",
         HERE / source, *objects, "-o", target], check=True)
    return target
