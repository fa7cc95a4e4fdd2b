"""The GraphQL documents of the journey, as docs/api.md shows them."""

ERROR = "... on UserError { code message advice }"

SIGN_UP = f"""
mutation SignUp($input: SignUpInput!) {{
  signUp(input: $input) {{ ... on SignUpPayload {{ message }} {ERROR} }}
}}"""
CONFIRM_SIGN_UP = f"""
mutation ConfirmSignUp($input: ConfirmSignUpInput!) {{
  confirmSignUp(input: $input) {{ ... on ConfirmSignUpPayload {{ message }} {ERROR} }}
}}"""
SIGN_IN = f"""
mutation SignIn($input: SignInInput!) {{
  signIn(input: $input) {{
    ... on SignedIn {{ userId accessToken expiresAt }}
    ... on MfaRequired {{ challengeId }}
    {ERROR}
  }}
}}"""
ANSWER_MFA = f"""
mutation AnswerMfa($input: AnswerMfaInput!) {{
  answerMfa(input: $input) {{ ... on SignedIn {{ userId accessToken expiresAt }} {ERROR} }}
}}"""
REFRESH_SESSION = f"""
mutation RefreshSession {{
  refreshSession {{ ... on SignedIn {{ userId accessToken expiresAt }} {ERROR} }}
}}"""
SIGN_OUT = f"""
mutation SignOut {{ signOut {{ ... on SignOutPayload {{ signedOut }} {ERROR} }} }}"""
BEGIN_TOTP = f"""
mutation BeginTotp {{ beginTotp {{ ... on BeginTotpPayload {{ secret otpauthUri }} {ERROR} }} }}"""
FINISH_TOTP = f"""
mutation FinishTotp($input: FinishTotpInput!) {{
  finishTotp(input: $input) {{ ... on FinishTotpPayload {{ enabled }} {ERROR} }}
}}"""
UPDATE_PROFILE = f"""
mutation UpdateProfile($input: UpdateProfileInput!) {{
  updateProfile(input: $input) {{
    ... on UpdateProfilePayload {{ profile {{ complete missing }} }}
    {ERROR}
  }}
}}"""
RISK_QUESTIONNAIRE = """
query RiskQuestionnaire {
  riskQuestionnaire { version questions { key aspect text choices { key text } } }
}"""
SUBMIT_RISK_PROFILE = f"""
mutation SubmitRiskProfile($input: SubmitRiskProfileInput!) {{
  submitRiskProfile(input: $input) {{
    ... on SubmitRiskProfilePayload {{
      assessment {{ score allowed tolerance capacity horizonCap flags }}
    }}
    {ERROR}
  }}
}}"""
REQUEST_KYC_UPLOAD = f"""
mutation RequestKycUpload($input: RequestKycUploadInput!) {{
  requestKycUpload(input: $input) {{
    ... on RequestKycUploadPayload {{ docId url fields {{ name value }} expiresAt }}
    {ERROR}
  }}
}}"""
DEPOSIT_FIELDS = """
  depositId gateway status amount { amount currency } credited { amount currency }
  quote { midRate spreadBasisPoints source asOf } nextAction { redirectUrl pushSentTo }
  reason reasonText createdAt settledAt fundedAt
"""
CREATE_DEPOSIT = f"""
mutation CreateDeposit($input: CreateDepositInput!) {{
  createDeposit(input: $input) {{
    ... on CreateDepositPayload {{ deposit {{ {DEPOSIT_FIELDS} }} }}
    {ERROR}
  }}
}}"""
DEPOSIT = f"""
query Deposit($depositId: DepositId!) {{
  viewer {{ deposit(depositId: $depositId) {{ {DEPOSIT_FIELDS} }} }}
}}"""
KYC = """
query Kyc {
  viewer {
    user { kycStatus brokerAccountStatus }
    kycCase { status reason { code text } attemptsLeft nextAction }
    kycDocuments { docId documentType side verificationStatus reason { code text } }
  }
}"""
SCREEN = """
query Screen {
  viewer {
    user {
      userId email language status kycStatus secondFactor brokerAccountStatus
      riskProfile { score questionnaireVersion }
    }
    accounts {
      accountId userId currency
      balance { amount currency } available { amount currency } held { amount currency }
    }
    portfolio {
      portfolioId model asOf stale drift
      value { amount currency } cash { amount currency }
      netDeposits { amount currency } gain { amount currency }
      holdings {
        quantity weight target
        asset { assetId symbol name type currentPrice { amount currency asOf source stale } }
        purchasePrice { amount currency } cost { amount currency } value { amount currency }
      }
    }
    transactions(first: 50) {
      nodes {
        transactionId accountId type amount { amount currency } timestamp status symbol
      }
    }
    orders(first: 50) {
      nodes {
        orderId symbol side status reason notional { amount currency }
        filledQuantity filledAmount { amount currency } createdAt updatedAt
        why {
          summary target actual planned model depositId inputsHash
          checks { rule outcome detail { name value } }
        }
      }
    }
    kycDocuments { docId userId documentType side s3Url verificationStatus }
    notifications(first: 50) { nodes { notificationId topic subject body createdAt readAt } }
    nextSteps
  }
}"""
JOURNAL = """
query Journal($after: Cursor) {
  viewer {
    journal(first: 50, after: $after) {
      nodes {
        seq kind reference at hash previousHash
        postings { account asset amount } memo { name value }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
MARKET = """
query Market { marketStatus { known isOpen now nextOpen nextClose } }"""
