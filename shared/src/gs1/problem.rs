//! Everything that can be wrong or worth a remark, each with its word and its meaning.
//!
//! The words are part of the interface: programs compare them and people search for them. A word is never
//! reused and never changes its sense. This is the only list.

/// How much a [`Code`] takes away from a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The message cannot be split; what stands behind the place is not read.
    Message,
    /// One element is known but its value is not to be trusted.
    Element,
    /// The scan is usable; a person or a program may want to know.
    Warning,
}

macro_rules! codes {
    ($($severity:ident { $($(#[$attr:meta])* $name:ident $word:literal $meaning:literal,)* })*) => {
        /// What is wrong, or worth a remark.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Code { $($(#[doc = $meaning] $name,)*)* }

        impl Code {
            /// All codes in the order of the manual.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// The stable word.
            pub const fn word(self) -> &'static str {
                match self { $($(Self::$name => $word,)*)* }
            }

            /// What the word means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$name => $meaning,)*)* }
            }

            /// What it takes away from the scan.
            pub const fn severity(self) -> Severity {
                match self { $($(Self::$name => Severity::$severity,)*)* }
            }
        }
    };
}

codes! {
    Message {
        Empty "empty" "There is nothing to read.",
        TooLong "too-long" "The message is longer than 8,191 bytes.",
        TooManyElements "too-many-elements" "The message has more than 64 elements.",
        SymbologyUnknown "symbology-unknown" "The message begins with a bracket but not with a known symbology identifier.",
        CharacterSetSwitch "character-set-switch" "The symbol switches its character set, which is not read.",
        AiUnknown "ai-unknown" "No application identifier begins here.",
        ValueEmpty "value-empty" "An application identifier has no value.",
        ValueTooShort "value-too-short" "A value is shorter than its format asks.",
        ValueTooLong "value-too-long" "A value is longer than its format allows.",
        LengthWrong "length-wrong" "A number does not have the length its symbol prescribes.",
        NumberNotDigits "number-not-digits" "A number holds something that is not a digit.",
        NumberCheckDigit "number-check-digit" "The check digit of a number is wrong.",
        NumberZero "number-zero" "A number that is all zeros names nothing.",
        LinkCharacter "link-character" "An address holds a character that addresses may not hold.",
        LinkDomain "link-domain" "An address has no proper domain followed by a path.",
        LinkWithoutKey "link-without-key" "The path of an address holds no GS1 key: a web address, not a Digital Link.",
        LinkQualifiers "link-qualifiers" "The identifiers behind the key of a Digital Link are not its qualifiers in order.",
        LinkAttribute "link-attribute" "An identifier may not stand in the query of a Digital Link.",
        LinkBelongsInPath "link-belongs-in-path" "An identifier in the query of a Digital Link belongs into its path.",
        LinkRepeated "link-repeated" "An identifier stands twice in a Digital Link.",
        LinkNul "link-nul" "A value of a Digital Link decodes to a NUL character.",
        BracketMissing "bracket-missing" "Bracketed text does not have its brackets where they belong.",
        EpcUnsupported "epc-unsupported" "The electronic product code is of a kind that is not read.",
        EpcMalformed "epc-malformed" "The electronic product code contradicts itself.",
        OwnCheck "own-check" "The check characters of one of our own codes do not fit: it was read wrongly.",
        OwnUnknown "own-unknown" "One of our own codes is of a kind this version does not know.",
    }
    Element {
        NotDigit "not-digit" "A character is not a digit.",
        NotSet82 "not-set-82" "A character is outside of GS1 character set 82.",
        NotSet39 "not-set-39" "A character is outside of GS1 character set 39.",
        NotBase64 "not-base64url" "A character is outside of the base64url alphabet.",
        Base64Padding "base64url-padding" "The padding of a base64url value is wrong.",
        CheckDigit "check-digit" "The check digit is wrong.",
        CheckPair "check-pair" "The pair of check characters is wrong or missing.",
        CompanyPrefix "company-prefix" "A key does not begin with the digits of a company prefix.",
        Month "month" "There is no such month.",
        Day "day" "There is no such day in that month.",
        Hour "hour" "There is no such hour.",
        Minute "minute" "There is no such minute.",
        Second "second" "There is no such second.",
        Country "country" "There is no such country code in ISO 3166.",
        Currency "currency" "There is no such currency code in ISO 4217.",
        PercentEscape "percent-escape" "A percent sign is not followed by two hexadecimal digits.",
        Zero "zero" "A value that must not be zero is zero.",
        NotZero "not-zero" "A value that must be zero is not.",
        LeadingZero "leading-zero" "A number begins with a zero it must not have.",
        YesNo "yes-no" "A flag is neither 0 nor 1.",
        Winding "winding" "A winding direction is none of 0, 1 and 9.",
        Sex "sex" "A code of ISO/IEC 5218 is none of 0, 1, 2 and 9.",
        MediaType "media-type" "There is no such AIDC media type.",
        Hyphen "hyphen" "Something other than a hyphen marks a temperature below zero.",
        Latitude "latitude" "A latitude is beyond a pole.",
        Longitude "longitude" "A longitude is beyond a full turn.",
        PieceOfTotal "piece-of-total" "The number of a piece is zero, or above the number of pieces.",
        PositionInSequence "position-in-sequence" "A position such as 2/3 is malformed, or beyond its end.",
        ImporterIndex "importer-index" "An importer index is none of hyphen, underscore, digit and letter.",
        NeedsNonDigit "needs-non-digit" "A value needs at least one character that is not a digit.",
        IbanLength "iban-length" "An IBAN has from 11 to 34 characters.",
        IbanCountry "iban-country" "An IBAN does not begin with a country.",
        IbanCharacter "iban-character" "An IBAN holds something other than digits and capitals.",
        IbanChecksum "iban-checksum" "The check digits of an IBAN are wrong.",
        PackageType "package-type" "There is no such package type.",
        Coupon "coupon" "The fields of a coupon do not follow its format.",
    }
    Warning {
        CompanionMissing "companion-missing" "An element asks for another that is not in this symbol.",
        ExcludedTogether "excluded-together" "Two elements are here that exclude each other.",
        ValuesDiffer "values-differ" "An identifier is here twice with different values.",
        SerialMissing "serial-missing" "A signed key lacks its serial part.",
        MeasureMissing "measure-missing" "An item of variable measure comes without a measure.",
        RangeReversed "range-reversed" "A period ends before it begins.",
        SeparatorLeading "separator-leading" "A separator stands before the first element.",
        SeparatorDoubled "separator-doubled" "Separators stand next to each other.",
        SeparatorMissing "separator-missing" "A value may have swallowed elements whose separator was lost; both readings are kept.",
        Fnc1Missing "fnc1-missing" "A plain Code 128 holds GS1 elements: its label lacks the FNC1.",
        GtinPadded "gtin-padded" "A short GTIN in a Digital Link was padded to 14 digits.",
        OtherReading "other-reading" "The characters can also be read in another way, which is kept.",
        NumberRestricted "number-restricted" "A number of restricted circulation means something else elsewhere.",
        NumberReserved "number-reserved" "A number is from a reserved range.",
        NumberSuspect "number-suspect" "Digits as long as a GTIN whose check digit is wrong.",
        ValueCheckDigit "value-check-digit" "The check digit of a price or weight in an in-store number is wrong; it was not read.",
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A problem, where it is, and the identifier of the element it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// Byte offset in the scanned message.
    pub at: usize,
    pub ai: Option<super::Ai>,
}
