import Foundation
import NASLib
import Runtime

extension Library {
    static let time: [Builtin] = [
        .fn("clock", "", "Seconds since some moment in the past, to measure how long something takes.",
            "let start = clock()\nclock() >= start  # => true") { _ in
            .float(try World.value("clock") { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 })
        },
        .fn("processor_clock", "",
            "Processor time of this process in seconds, over all threads, to measure on a busy machine.",
            "let start = processor_clock()\nprocessor_clock() >= start  # => true") { _ in
            .float(try World.value("processor_clock") { seconds(CLOCK_PROCESS_CPUTIME_ID) })
        },
        .fn("now", "", "The current time: seconds since 1970 in UTC.", "now() > parse_time(\"2024-01-01\")  # => true") { _ in
            .float(try World.value("now") { seconds(CLOCK_REALTIME) })
        },
        .fn("sleep", "seconds", "Waits for the given number of seconds.", "sleep(0.01)") { call in
            let seconds = try call.double(0)
            guard seconds >= 0, seconds.isFinite else {
                throw call.invalid(0, "the time to wait must be a number of at least 0, not \(try Printer.text(call[0]))")
            }
            let end = Double(DispatchTime.now().uptimeNanoseconds) / 1e9 + seconds
            while true {
                try call.vm.checkInterruption()
                let rest = end - Double(DispatchTime.now().uptimeNanoseconds) / 1e9
                if rest <= 0 { return .nil }
                usleep(UInt32(min(rest, 0.02) * 1e6))
            }
        },
        .fn("format_time", "seconds, format: \"%Y-%m-%dT%H:%M:%SZ\", local: false",
            """
            A time (seconds since 1970) as text: in ISO 8601, or in a format of C's `strftime`; in UTC, or with `local` in this machine's \
            time zone.
            """,
            "format_time(0)  # => \"1970-01-01T00:00:00Z\"\nformat_time(86400, \"%d.%m.%Y\")  # => \"02.01.1970\"") { call in
            let seconds = try call.double(0)
            let format = try call.text(1)
            let isLocal = try call.bool(2)
            // Years of four digits: what can be read back.
            guard (-30_610_224_000..<253_402_300_800).contains(seconds) else {
                throw call.invalid(0, "\(try Printer.text(call[0])) seconds are not in the years 1000 to 9999")
            }
            var moment = time_t(seconds.rounded(.down))
            var parts = tm()
            if isLocal { localtime_r(&moment, &parts) } else { gmtime_r(&moment, &parts) }
            guard format.utf8.count <= 1000, !format.contains("\0") else { throw call.invalid(1, "'format' is too long") }
            guard !format.isEmpty else { return call.string("") }
            var buffer = Array(repeating: CChar(0), count: 65_536)
            // A mark at the end tells an empty text from one that does not fit.
            let length = strftime(&buffer, buffer.count, format + ".", &parts)
            guard length > 0 else { throw call.invalid(1, "'format' makes too long a text") }
            return call.string(String(decoding: buffer[..<(length - 1)].map(UInt8.init(bitPattern:)), as: UTF8.self))
        },
        .fn("parse_time", "text",
            """
            The time in an ISO 8601 text, as seconds since 1970: a date, `2024-02-29T12:30:00Z`, or with an offset such as `+01:00`. \
            Without an offset it is UTC.
            """,
            "parse_time(\"1970-01-02\")  # => 86400.0\nparse_time(\"2024-02-29T12:30:00.5+01:00\")  # => 1709206200.5") { call in
            let text = try call.text(0)
            guard let time = parseTime(text) else {
                throw call.invalid(0, "\(Printer.quoted(String(text.prefix(60)))) does not show a time",
                    hint: "the form is 2024-02-29 or 2024-02-29T12:30:00Z")
            }
            return .float(time)
        },
    ]

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// ISO 8601: date, then perhaps `T` or a space, hours, minutes, perhaps seconds, and an offset.
    private static func parseTime(_ text: String) -> Double? {
        let pattern = #/(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d(?:[.,]\d{1,9})?))?(Z|z|[+-]\d\d:?(?:\d\d)?)?)?/#
        guard let match = text.wholeMatch(of: pattern)?.output else { return nil }
        guard let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1, day >= 1, day <= lengths[month - 1] else { return nil }
        let before = year - 1
        let days = before * 365 + before / 4 - before / 100 + before / 400 + lengths[..<(month - 1)].reduce(0, +) + day - 1 - 719_162
        let hours = match.4.flatMap { Int($0) } ?? 0, minutes = match.5.flatMap { Int($0) } ?? 0
        let seconds = match.6.flatMap { Double(String($0).replacing(",", with: ".")) } ?? 0
        guard hours < 24, minutes < 60, seconds < 61 else { return nil }
        var offset = 0
        if let zone = match.7, let sign = zone.first, sign == "+" || sign == "-" {
            let digits = zone.filter(\.isNumber)
            let (h, m) = (Int(digits.prefix(2)) ?? 0, Int(digits.dropFirst(2)) ?? 0)
            guard h < 24, m < 60 else { return nil }
            offset = (sign == "-" ? -1 : 1) * (h * 3600 + m * 60)
        }
        return Double(days * 86_400 + hours * 3600 + minutes * 60 - offset) + seconds
    }
}
