from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate
from django.utils.translation import pgettext_lazy


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = pgettext_lazy("name of the app", "Search")

    def ready(self) -> None:
        """All that search hears from outside, in one place."""
        from gallery import integrity, jobs
        from gallery.models import Image
        from gallery.signals import image_replaced, image_stored, images_copied
        from gallery.states import works
        from search import integrity as own
        from search.asking import forget_example, forget_replaced_example
        from search.catalogue import register_encoders
        from search.demonstration import embed_copies
        from search.job_actions import ACTIONS
        from search.models import SavedSearch
        from search.requesting import answering_embeddings, on_image_replaced, on_image_stored
        from search.saving import drop_picture

        integrity.register(own.VECTORS, own.PICTURES)
        jobs.actions.update(ACTIONS)
        works.append(answering_embeddings)
        image_stored.connect(on_image_stored, dispatch_uid="search.embed_stored_image")
        image_replaced.connect(on_image_replaced, dispatch_uid="search.embed_replaced_image")
        image_replaced.connect(
            forget_replaced_example, dispatch_uid="search.forget_replaced_example"
        )
        images_copied.connect(embed_copies, dispatch_uid="search.embed_copies")
        # A person who is deleted takes theirs along, past every function of ours.
        post_delete.connect(
            drop_picture, sender=SavedSearch, dispatch_uid="search.drop_picture_of_saved_search"
        )
        post_delete.connect(
            forget_example, sender=Image, dispatch_uid="search.forget_deleted_example"
        )
        post_migrate.connect(
            register_encoders, sender=self, dispatch_uid="search.register_encoders"
        )
