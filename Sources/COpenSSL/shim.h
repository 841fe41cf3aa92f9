#ifndef SHARDMETER_COPENSSL_H
#define SHARDMETER_COPENSSL_H

// The one-shot and streaming digest functions below are marked deprecated since OpenSSL 3.0 in favour of EVP, whose
// per-call overhead is a multiple of a short key's digest. They are present in every OpenSSL 3 release.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#endif
