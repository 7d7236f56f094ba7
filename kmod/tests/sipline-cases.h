/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the start line and the header of a datagram say, for KUnit and for the
 * unit tests in user space.
 */
#ifndef _GMG_TESTS_SIPLINE_CASES_H
#define _GMG_TESTS_SIPLINE_CASES_H

#include "sipline.h"

struct kind_case {
	const char *name;
	const char *data;
	enum gmg_sip_kind kind;
};

static const struct kind_case kinds[] = {
	{ "GM-15: see a REGISTER",
	  "REGISTER sip:a SIP/2.0\r\n", GMG_SIP_REGISTER },
	{ "GM-15: see a REGISTER that ends with LF only",
	  "REGISTER sip:a SIP/2.0\n",
	  GMG_SIP_REGISTER },
	{ "GM-15: see another request in INVITE",
	  "INVITE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "see another request in small letters", "register sip:a SIP/2.0\r\n",
	  GMG_SIP_REQUEST },
	{ "see another request in a longer method",
	  "REGISTERX sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "see another request in a shorter method",
	  "REGISTE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "GM-30: see a response", "SIP/2.0 401 Unauthorized\r\n",
	  GMG_SIP_RESPONSE },
	{ "GM-30: see a response in small letters", "sip/2.0 200 OK\r\n",
	  GMG_SIP_RESPONSE },
	{ "see no message without URI", "REGISTER SIP/2.0\r\n", GMG_SIP_NONE },
	{ "see no message without version",
	  "REGISTER sip:a\r\n", GMG_SIP_NONE },
	{ "see no message in another version",
	  "REGISTER sip:a SIP/3.0\r\n", GMG_SIP_NONE },
	{ "see no message without end of line",
	  "REGISTER sip:a SIP/2.0", GMG_SIP_NONE },
	{ "see no message in keep-alive", "\r\n\r\n", GMG_SIP_NONE },
	{ "see no message in a line feed", "\n", GMG_SIP_NONE },
	{ "see no message in nothing", "", GMG_SIP_NONE },
	{ "see no message in a blank in front",
	  " REGISTER sip:a SIP/2.0\r\n", GMG_SIP_NONE },
	{ "see no message in a tab behind the method",
	  "REGISTER\tsip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
	{ "see no message in a separator in the method",
	  "REG;ISTER sip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
};

struct clear_case {
	const char *name;
	const char *data;
	size_t len;
	enum gmg_sip_clear clear;
};

#define BYTES(text) (text), sizeof(text) - 1
#define STUN "\0\1\0\0\x21\x12\xa4\1020123456789ab"
#define STUN_WITH(len, attrs) "\0\1\0" len "\x21\x12\xa4\x42" \
	"0123456789ab" attrs
#define CRLF8 "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
#define SOS(uri) BYTES("INVITE " uri " SIP/2.0\r\n")

static const struct clear_case clears[] = {
	{ "GM-02: see a REGISTER", BYTES("REGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_REGISTER },
	{ "GM-02: see a REGISTER behind CRLF",
	  BYTES("\r\n\r\nREGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_REGISTER },
	{ "AT-22: see another message in INVITE",
	  BYTES("INVITE sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in INVITE behind CRLF",
	  BYTES("\r\nINVITE sip:a SIP/2.0\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in a small register",
	  BYTES("register sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: see no message in a line that ends with LF",
	  BYTES("REGISTER sip:a SIP/2.0\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in LF in front",
	  BYTES("\nREGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in a CR in the line",
	  BYTES("REGISTER sip:\ra SIP/2.0\r\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in a NUL in the line",
	  BYTES("REGISTER sip:\0a SIP/2.0\r\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message without end of the line",
	  BYTES("REGISTER sip:a SIP/2.0"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-02: see an error in 400",
	  BYTES("SIP/2.0 400 x\r\n"), GMG_SIP_CLEAR_ERROR },
	{ "GM-02: see an error in 699",
	  BYTES("sip/2.0 699 x\r\n"), GMG_SIP_CLEAR_ERROR },
	{ "AT-22: see another message in 200",
	  BYTES("SIP/2.0 200 OK\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in 302",
	  BYTES("SIP/2.0 302 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in 4000",
	  BYTES("SIP/2.0 4000 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in 40",
	  BYTES("SIP/2.0 40 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in 400 and no blank",
	  BYTES("SIP/2.0 400\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "GM-02: see a keep-alive in nothing",
	  BYTES(""), GMG_SIP_CLEAR_ALIVE },
	{ "GM-02: see a keep-alive in CRLF CRLF",
	  BYTES("\r\n\r\n"), GMG_SIP_CLEAR_ALIVE },
	{ "GM-02: see a keep-alive in 64 bytes of CRLF",
	  BYTES(CRLF8 CRLF8 CRLF8 CRLF8),
	  GMG_SIP_CLEAR_ALIVE },
	{ "AT-22: see no message in more CRLF than that",
	  BYTES(CRLF8 CRLF8 CRLF8 CRLF8 "\r\n"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-02: see STUN", BYTES(STUN), GMG_SIP_CLEAR_STUN },
	{ "GM-02: see STUN with attributes",
	  BYTES(STUN_WITH("\x10", "\x80\x22\0\1x\0\0\0\0\6\0\4abcd")),
	  GMG_SIP_CLEAR_STUN },
	{ "AT-22: see no message in STUN that is longer than it says",
	  BYTES(STUN "abcd"),
	  GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in STUN whose attribute is longer than it",
	  BYTES(STUN_WITH("\10", "\x80\x22\0\7abcd")), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in STUN with half an attribute",
	  BYTES(STUN_WITH("\2", "\x80\x22")), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: see no message in another STUN message",
	  BYTES("\1\1\0\0\x21\x12\xa4\1020123456789ab"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-38: see an emergency call", SOS("urn:service:sos"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: see an emergency call in other letters",
	  SOS("URN:service:SOS"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: see an emergency call in a service below it",
	  SOS("urn:service:sos.fire"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: see an emergency call with parameters",
	  SOS("urn:service:sos;a=b"),
	  GMG_SIP_CLEAR_SOS },
	{ "AT-22: see another message in a name that only begins alike",
	  SOS("urn:service:sosx"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in a shorter name",
	  SOS("urn:service:so"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: see another message in another method to it",
	  BYTES("MESSAGE urn:service:sos SIP/2.0\r\n"), GMG_SIP_CLEAR_SIP },
};

struct scan_case {
	const char *name;
	const char *data;
	bool found;
	const char *call_id;
	__u32 cseq;
	bool cseq_register;
};

#define START "SIP/2.0 401 x\r\n"

static const struct scan_case scans[] = {
	{ "GM-30: find Call-ID and CSeq",
	  START "Call-ID: a@b\r\nCSeq: 7 REGISTER\r\n\r\n",
	  true, "a@b", 7, true },
	{ "GM-30: find them compact, in other case, with blanks",
	  START "i \t:  a@b \r\ncSEQ\t: 4294967295 \t REGISTER \r\n\r\n",
	  true, "a@b", 4294967295U, true },
	{ "GM-30: find a CSeq of another method",
	  START "Call-ID: a\r\nCSeq: 1 INVITE\r\n\r\n", true, "a", 1, false },
	{ "find the first of two",
	  START "Call-ID: a\r\nCall-ID: b\r\nCSeq: 1 REGISTER\r\n"
	  "CSeq: 2 INVITE\r\n\r\n", true, "a", 1, true },
	{ "find nothing behind the header",
	  START "Call-ID: a\r\n\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "find nothing without Call-ID",
	  START "CSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "find no CSeq that is too large",
	  START "Call-ID: a\r\nCSeq: 4294967296 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "find no CSeq without a number",
	  START "Call-ID: a\r\nCSeq: REGISTER\r\n\r\n",
	  false, NULL, 0, false },
	{ "find no CSeq without a method",
	  START "Call-ID: a\r\nCSeq: 1\r\n\r\n",
	  false, NULL, 0, false },
	{ "find no CSeq that is cut off",
	  START "Call-ID: a\r\nCSeq: 1", false, NULL, 0, false },
	{ "find no name that only begins alike",
	  START "Call-IDs: a\r\nInfo: b\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "find nothing in the start line",
	  "Call-ID: a\r\nCSeq: 1 REGISTER\r\n",
	  false, NULL, 0, false },
	{ "find nothing in nothing", "", false, NULL, 0, false },
};

#endif /* _GMG_TESTS_SIPLINE_CASES_H */
