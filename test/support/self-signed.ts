/** A certificate that nobody signed, for halo.invalid, with its key: made for the tests, and used nowhere else. */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiYQ9HSk5hNvBSey7
wNcTqMGjEUHCHOHf/kuLyLbHFw2hRANCAARVCfZ5ee32IjFgIMsBlrb6+xypJcg4
1+DNudHUVRoP7dMtkhATDpnTmx4hzDEhvV5p6dvdMTlWws6gYZteyBQC
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBFzCBvgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxoYWxvLmludmFsaWQw
IBcNMjAwMTAxMDAwMDAwWhgPMjExOTAxMDEwMDAwMDBaMBcxFTATBgNVBAMMDGhh
bG8uaW52YWxpZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFUJ9nl57fYiMWAg
ywGWtvr7HKklyDjX4M250dRVGg/t0y2SEBMOmdObHiHMMSG9Xmnp290xOVbCzqBh
m17IFAIwCgYIKoZIzj0EAwIDSAAwRQIhAJR4KWHDz/VyOdrXqqV6cjhcZZHaBcpS
ZtcgShczEHlEAiAG7VN3Dopssr1iuNdcl6qrggaBhdDa89pK6+Ws/Orhvg==
-----END CERTIFICATE-----
`,
};
