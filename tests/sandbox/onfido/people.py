"""People with their pictures and checks, made through the official SDK."""

import onfido
import urllib3

JPEG = b"\xff\xd8\xff\xe0" + bytes(40_000)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40_000)
REPORTS = [onfido.ReportName.DOCUMENT, onfido.ReportName.FACIAL_SIMILARITY_PHOTO]


def api_of(sandbox, token="api_sandbox.token"):
    return onfido.DefaultApi(
        onfido.ApiClient(
            onfido.Configuration(
                api_token=token,
                host=f"{str(sandbox.base_url).rstrip('/')}/onfido/v3.6",
                timeout=urllib3.Timeout(connect=5, read=5),
            )
        )
    )


def person(api, last_name="Wanjiku"):
    return api.create_applicant(
        onfido.ApplicantBuilder(
            first_name="Amina",
            last_name=last_name,
            dob="1990-05-01",
            email="amina@example.com",
            address={"postcode": "00100", "country": "KEN"},
            location={"ip_address": "127.0.0.1", "country_of_residence": "KEN"},
            consents=[{"name": "privacy_notices_read", "granted": True}],
        )
    )


def document(api, applicant, content=JPEG, name="id.jpg"):
    return api.upload_document(
        type="national_identity_card",
        applicant_id=applicant.id,
        file=(name, content),
        side="front",
        issuing_country="KEN",
    )


def checked(api, applicant, eventually, **fields):
    """A check that has come to its end, with its reports by name."""
    check = api.create_check(
        onfido.CheckBuilder(applicant_id=applicant.id, report_names=REPORTS, **fields)
    )

    def complete():
        found = api.find_check(check.id)
        return found if found.status == "complete" else None

    done = eventually(complete)
    listed = api.list_reports(check.id).reports
    return done, {report.actual_instance.name.value: report.actual_instance for report in listed}


def with_pictures(api, last_name):
    applicant = person(api, last_name)
    document(api, applicant)
    api.upload_live_photo(applicant_id=applicant.id, file=("me.png", PNG))
    return applicant
