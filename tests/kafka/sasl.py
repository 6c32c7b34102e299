# SPDX-License-Identifier: Apache-2.0
"""SASL_PLAINTEXT on the listener for clients: properties for Cluster(properties=...), and whom the brokers know.

Apart from cluster.py because only few tests authenticate. INTERNAL stays plaintext, so that brokers and tests need no password.
"""

USER = "alice"
PASSWORD = "alice's secret of 2024"
SCRAM = "SCRAM-SHA-256"

_MODULES = "org.apache.kafka.common.security"
PLAIN_MODULE = f"{_MODULES}.plain.PlainLoginModule required"
OAUTH_MODULE = f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required"
SCRAM_MODULE = f"{_MODULES}.scram.ScramLoginModule required"

# OAUTHBEARER: tokens without a signature, which Kafka takes as long as nobody configures who checks them.
SASL = {
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,DIRECT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": f"PLAIN,OAUTHBEARER,{SCRAM}",
    "listener.name.client.plain.sasl.jaas.config": f'{PLAIN_MODULE} user_{USER}="{PASSWORD}";',
    "listener.name.client.oauthbearer.sasl.jaas.config": f"{OAUTH_MODULE};",
    "listener.name.client.scram-sha-256.sasl.jaas.config": f"{SCRAM_MODULE};",
}
